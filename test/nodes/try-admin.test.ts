import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sagecrmConfig from '../../nodes/sagecrm-config/sagecrm-config';
import sagecrmPoll from '../../nodes/sagecrm-poll/sagecrm-poll';
import type { TryAnswer } from '../../nodes/sagecrm-poll/try-admin';
import { defaultResources } from '../../src/config/defaults';
import { SimulatedClock } from '../simulator/clock';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { AdminServer } from '../support/admin-server';
import {
  loadFlow,
  startNodeRed,
  stopNodeRed,
  unloadFlow,
  type FlowNode,
} from '../support/node-red';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const LOG_ON = { username: 'crm-user', password: 'crm-pass' };
const { accounts = {} } = defaultResources();

describe('POST /sagecrm-poll/try', () => {
  let simulator: Simulator;
  let userDir: string;
  let admin: AdminServer;
  let now: number;

  beforeEach(async () => {
    admin = await AdminServer.start();
    userDir = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-try-'));
    simulator = await startSimulator({ clock: SimulatedClock.running() });
    now = simulator.clock.now();
    await startNodeRed({ userDir });
  });

  afterEach(async () => {
    await unloadFlow();
    await stopNodeRed();
    await admin.close();
    await simulator.close();
    await rm(userDir, { recursive: true });
  });

  async function load(flow: readonly FlowNode[] = []): ReturnType<typeof loadFlow> {
    return loadFlow([admin.serve, sagecrmConfig, sagecrmPoll], flow, { server: LOG_ON });
  }

  function form(resource: object = {}, change: object = {}): object {
    return {
      properties: { subdomain: `http://${simulator.host}` },
      credentials: LOG_ON,
      resource: { accounts: { ...accounts, ...resource } },
      ...change,
    };
  }

  function post(body: object): Promise<Response> {
    return admin.post('/sagecrm-poll/try', body);
  }

  async function answerTo(body: object): Promise<TryAnswer> {
    const response = await post(body);
    assert.equal(response.status, 200);
    return (await response.json()) as TryAnswer;
  }

  /** Companies changed this long ago, in milliseconds. */
  function companies(...ages: number[]): void {
    simulator.crm.many('company', ages.length, {}, { stamp: (n) => now - (ages[n] ?? 0) });
  }

  it('shows the records of the last 30 days, with what would become of them', async () => {
    await load();
    companies(60 * DAY_MS, 2 * MINUTE_MS, 1 * MINUTE_MS);
    const { window, days, rows, records, request } = await answerTo(form());
    assert.deepEqual({ window, days, rows }, { window: 'recent', days: 30, rows: 2 });
    assert.deepEqual(
      records.map(({ id, event }) => [id, event?.eventType]),
      [
        ['2', 'CREATED'],
        ['3', 'CREATED'],
      ],
    );
    assert.equal(request.api, 'hub');
    assert.match(
      decodeURIComponent(request.url),
      /^\/hubs\/crm\/accounts\?where=Comp_UpdatedDate>/,
    );
    const [first] = records;
    assert.equal(first?.updated.field, 'Comp_UpdatedDate');
    assert.equal(first.updated.utc, first.event?.date);
  });

  it('shows a changed record as updated', async () => {
    await load();
    companies(10 * DAY_MS);
    simulator.crm.update('company', 1, { Comp_Name: 'New' });
    const { records } = await answerTo(form());
    assert.equal(records[0]?.event?.eventType, 'UPDATED');
  });

  it('looks at any records when none was changed lately', async () => {
    await load();
    companies(60 * DAY_MS, 50 * DAY_MS);
    const { window, since, rows, records } = await answerTo(form());
    assert.deepEqual({ window, since, rows }, { window: 'any', since: undefined, rows: 2 });
    assert.equal(records[1]?.event?.eventType, 'CREATED');
  });

  it('asks for one small page, whatever the URL says, and shows ten records of it', async () => {
    await load();
    companies(...Array.from({ length: 40 }, (_, index) => index * MINUTE_MS));
    const url = `${String(accounts.url)}&pageSize=5000`;
    const { rows, more, records } = await answerTo(form({ url, pageSize: 1000 }));
    assert.deepEqual([rows, more, records.length], [20, true, 10]);
    assert.equal(simulator.requests.length, 1);
  });

  it('begins at the start date, and says which records are older', async () => {
    await load();
    companies(3 * DAY_MS, 3 * DAY_MS - MINUTE_MS);
    const startDate = new Date(now - 3 * DAY_MS + MINUTE_MS / 2).toISOString();
    const poll = { start: 'date', startDate, overlap: 120 };
    const { window, records } = await answerTo(form({}, { poll }));
    assert.equal(window, 'date');
    assert.deepEqual(
      records.map(({ dropped, event }) => dropped ?? event?.eventType),
      ['beforeStart', 'CREATED'],
    );
  });

  it("asks in the form of Sage CRM's own API where the hub is not there", async () => {
    simulator.options = { ...simulator.options, apis: ['sdata'] };
    await load();
    companies(MINUTE_MS);
    const { request, rows } = await answerTo(form());
    assert.equal(request.api, 'sdata');
    assert.match(request.url, /^\/sdata\/crmj\/sagecrm2\/-\/company\?/);
    assert.equal(rows, 1);
  });

  it("shows dates without a zone as understood in the server's zone", async () => {
    simulator.options = { ...simulator.options, zone: 'Asia/Tokyo', dateStyle: 'none' };
    await load();
    companies(MINUTE_MS);
    const properties = { subdomain: `http://${simulator.host}`, timezone: 'Asia/Tokyo' };
    const { records } = await answerTo(form({}, { properties }));
    const { updated } = records[0] ?? {};
    assert.match(String(updated?.raw), /T\d\d:\d\d:\d\d$/);
    assert.equal(updated?.local, `${String(updated?.raw)}+09:00`);
    assert.ok(Math.abs(Date.parse(updated.utc ?? '') - (now - MINUTE_MS)) < 1000);
  });

  it('tells of a date that cannot be read, and of an event all the same', async () => {
    await load();
    companies(MINUTE_MS);
    const dates = accounts.datesConfiguration as object;
    const datesConfiguration = { ...dates, updatedDateField: 'Comp_Name' };
    const { records } = await answerTo(form({ datesConfiguration }));
    assert.equal(typeof records[0]?.updated.raw, 'string');
    assert.equal(records[0]?.updated.utc, undefined);
    assert.equal(records[0]?.event?.eventType, 'UPDATED');
  });

  it('tells that polls stop at a wrong id column, and still shows the records', async () => {
    await load();
    companies(MINUTE_MS);
    const { problems, records } = await answerTo(form({ idField: 'Comp_Nothing' }));
    assert.deepEqual(
      problems.map(({ code, stops }) => [code, stops]),
      [['ID_FIELD_MISSING', true]],
    );
    assert.match(problems[0]?.nextStep ?? '', /set the id field to one of/);
    assert.equal(records[0]?.id, '');
  });

  it('tries a resource that is switched off', async () => {
    await load();
    companies(MINUTE_MS);
    assert.equal((await answerTo(form({ enabled: false }))).rows, 1);
  });

  it('uses the stored password of a deployed server, and never tells it', async () => {
    const subdomain = `http://${simulator.host}`;
    await load([{ id: 'server', type: 'sagecrm-config', subdomain }]);
    companies(MINUTE_MS);
    const credentials = { username: 'crm-user', password: '__PWRD__' };
    const response = await post(form({}, { id: 'server', credentials }));
    const text = await response.text();
    assert.equal(response.status, 200);
    assert.doesNotMatch(text, /crm-pass/);
  });

  it('answers with the error and its next step when the log-on is refused', async () => {
    await load();
    simulator.faults.next({ kind: 'status', status: 401, body: 'not with wrong-pass' });
    const credentials = { username: 'crm-user', password: 'wrong-pass' };
    const response = await post(form({}, { credentials }));
    const text = await response.text();
    assert.equal(response.status, 400);
    assert.match(text, /"code":"LOGON_REFUSED"/);
    assert.match(text, /check the user name and the password/);
    assert.doesNotMatch(text, /wrong-pass/);
  });

  for (const body of [{}, { resource: {} }, { resource: { accounts: { url: '' } } }]) {
    it(`refuses ${JSON.stringify(body)} with what is wrong`, async () => {
      await load();
      const properties = { subdomain: `http://${simulator.host}` };
      const response = await post({ properties, credentials: LOG_ON, ...body });
      assert.equal(response.status, 400);
      assert.match(await response.text(), /"code":"CONFIG_INVALID"/);
      assert.equal(simulator.requests.length, 0);
    });
  }

  it('leaves the cursor of the node alone', async () => {
    const subdomain = `http://${simulator.host}`;
    companies(2 * MINUTE_MS, MINUTE_MS);
    const flow = await load([
      { id: 'tab', type: 'tab', label: 'flow' },
      { id: 'server', type: 'sagecrm-config', subdomain },
      {
        ...{
          id: 'poll',
          z: 'tab',
          type: 'sagecrm-poll',
          server: 'server',
          interval: 0,
          start: 'all',
        },
        ...{ resources: { accounts }, wires: [['out']] },
      },
      { id: 'out', z: 'tab', type: 'helper', wires: [] },
    ]);
    const found = await answerTo(form({}, { poll: { start: 'all' } }));
    const messages = flow.messages('out', 2);
    flow.send('poll', { topic: 'poll' });
    const polled = await messages;
    assert.deepEqual(
      polled.map((message) => (message as { event?: { eventId: string } }).event?.eventId),
      found.records.map(({ event }) => event?.eventId),
    );
  });
});
