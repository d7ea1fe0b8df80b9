import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { NodeMessage } from 'node-red';
import sagecrmConfig from '../../nodes/sagecrm-config/sagecrm-config';
import sagecrmPoll from '../../nodes/sagecrm-poll/sagecrm-poll';
import { defaultResources } from '../../src/config/defaults';
import type { EventMessage } from '../../src/event/event';
import type { PollReport } from '../../src/poll/poller-status';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { AdminServer } from '../support/admin-server';
import {
  loadFlow,
  startNodeRed,
  stopNodeRed,
  unloadFlow,
  type FlowNode,
  type RunningFlow,
} from '../support/node-red';

const CREDENTIALS = { server: { username: 'crm-user', password: 'crm-pass' } };
const ROUTES = ['poll', 'pause', 'resume', 'replay'] as const;

type Route = (typeof ROUTES)[number];

describe('the admin routes of sagecrm-poll', () => {
  let simulator: Simulator;
  let userDir: string;
  let admin: AdminServer;

  beforeEach(async () => {
    admin = await AdminServer.start();
    userDir = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-poll-admin-'));
    simulator = await startSimulator();
    await startNodeRed({ userDir });
  });

  afterEach(async () => {
    await unloadFlow();
    await stopNodeRed();
    await admin.close();
    await simulator.close();
    await rm(userDir, { recursive: true });
  });

  const { accounts = {} } = defaultResources();

  function load(change: object = {}): Promise<RunningFlow> {
    const flow: FlowNode[] = [
      { id: 'tab', type: 'tab', label: 'flow' },
      { id: 'server', type: 'sagecrm-config', subdomain: `http://${simulator.host}` },
      {
        ...{ id: 'poll', z: 'tab', type: 'sagecrm-poll', server: 'server', report: true },
        ...{ interval: 0, start: 'all', resources: { accounts }, wires: [['out'], ['report']] },
        ...change,
      },
      { id: 'out', z: 'tab', type: 'helper', wires: [] },
      { id: 'report', z: 'tab', type: 'helper', wires: [] },
      { id: 'catch', z: 'tab', type: 'catch', scope: null, uncaught: false, wires: [['caught']] },
      { id: 'caught', z: 'tab', type: 'helper', wires: [] },
    ];
    return loadFlow([admin.serveNoting, sagecrmConfig, sagecrmPoll], flow, CREDENTIALS);
  }

  async function post(route: Route, body: object): Promise<{ status: number; answer: object }> {
    const response = await admin.post(`/sagecrm-poll/${route}`, body);
    return { status: response.status, answer: (await response.json()) as object };
  }

  const ACCEPTED = { status: 200, answer: {} };

  it('polls, and answers before the poll is over', async () => {
    const running = await load();
    simulator.faults.next({ kind: 'hang' });
    const asked = new Promise((resolve) => simulator.onRequest(resolve));
    assert.deepEqual(await post('poll', { id: 'poll' }), ACCEPTED);
    await asked;
    const reported = running.message('report');
    simulator.faults.clear();
    assert.equal(((await reported).payload as PollReport).resource, 'accounts');
  });

  it('reports what fails later as any failed poll', async () => {
    simulator.faults.next({ kind: 'status', status: 500 });
    const running = await load();
    const caught = running.message('caught');
    assert.deepEqual(await post('poll', { id: 'poll' }), ACCEPTED);
    const { error } = (await caught) as NodeMessage & { error: { code: string } };
    assert.equal(error.code, 'SERVER_ERROR');
  });

  it('pauses, refuses to poll meanwhile, and resumes with a poll', async () => {
    const running = await load();
    const paused = running.status('poll', ({ fill }) => fill === 'grey');
    assert.deepEqual(await post('pause', { id: 'poll' }), ACCEPTED);
    await paused;
    const { status, answer } = await post('poll', { id: 'poll' });
    assert.equal(status, 400);
    assert.equal(Reflect.get(answer, 'code'), 'INPUT_INVALID');
    assert.match(String(Reflect.get(answer, 'nextStep')), /resume/);
    assert.equal(simulator.requests.length, 0);
    const reported = running.message('report');
    assert.deepEqual(await post('resume', { id: 'poll' }), ACCEPTED);
    await reported;
  });

  it('tries a refused log-on once more on resume', async () => {
    simulator.crm.create('company');
    const running = await load();
    const caught = running.message('caught');
    simulator.faults.next({ kind: 'refuse' });
    await post('poll', { id: 'poll' });
    const { error } = (await caught) as NodeMessage & { error: { code: string } };
    assert.equal(error.code, 'LOGON_REFUSED');
    const arrives = running.message('out');
    assert.deepEqual(await post('resume', { id: 'poll' }), ACCEPTED);
    assert.equal((await arrives).topic, 'accounts');
  });

  for (const [how, choice] of [
    ['everything', {}],
    ['the resources that are named', { resources: ['accounts'] }],
  ] as const) {
    it(`replays ${how} since a date`, async () => {
      simulator.crm.create('company');
      const running = await load();
      const first = running.message('out');
      await post('poll', { id: 'poll' });
      const { event } = (await first) as unknown as EventMessage;
      const again = running.message('out');
      const request = { id: 'poll', since: '2020-01-01T00:00:00Z', ...choice };
      assert.deepEqual(await post('replay', request), ACCEPTED);
      assert.equal(((await again) as unknown as EventMessage).event.eventId, event.eventId);
    });
  }

  it('reports a replay of a resource that is not polled', async () => {
    const running = await load();
    const caught = running.message('caught');
    const request = { id: 'poll', since: '2020-01-01', resources: ['leads'] };
    assert.deepEqual(await post('replay', request), ACCEPTED);
    const { error } = (await caught) as NodeMessage & { error: { message: string } };
    assert.match(error.message, /leads is not polled/);
  });

  for (const [what, body] of [
    ['without a date', {}],
    ['since something that is no date', { since: 'yesterday' }],
    ['of resources that are no names', { since: '2020-01-01', resources: 'accounts' }],
  ] as const) {
    it(`refuses a replay ${what}`, async () => {
      await load();
      const { status, answer } = await post('replay', { id: 'poll', ...body });
      assert.equal(status, 400);
      assert.equal(Reflect.get(answer, 'code'), 'INPUT_INVALID');
    });
  }

  for (const [what, id, change] of [
    ['is not there', 'nobody', {}],
    ['is no poll node', 'out', {}],
    ['is disabled', 'poll', { d: true }],
    ['refused to start', 'poll', { server: 'nobody' }],
  ] as const) {
    it(`say what to do when the node ${what}`, async () => {
      await load(change);
      for (const route of ROUTES) {
        const { status, answer } = await post(route, { id, since: '2020-01-01' });
        assert.equal(status, 400);
        assert.equal(Reflect.get(answer, 'code'), 'INPUT_INVALID');
        assert.match(String(Reflect.get(answer, 'nextStep')), /deploy/);
      }
    });
  }

  it('are for those who may write', async () => {
    await load();
    for (const route of ROUTES) {
      assert.equal(admin.permissions.get(`/sagecrm-poll/${route}`), 'sagecrm-poll.write');
    }
  });
});
