import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { NodeAPI, NodeMessage } from 'node-red';
import { acknowledge } from '../../nodes/runtime/acknowledgements';
import type { SageCrmConfigNode } from '../../nodes/runtime/server';
import sagecrmConfig from '../../nodes/sagecrm-config/sagecrm-config';
import sagecrmPoll from '../../nodes/sagecrm-poll/sagecrm-poll';
import { defaultResources } from '../../src/config/defaults';
import type { EventMessage } from '../../src/event/event';
import type { PollReport, ResourceStatus } from '../../src/poll/poller-status';
import { startSimulator, type Simulator } from '../simulator/simulator';
import {
  loadFlow,
  runtimeEvents,
  startNodeRed,
  stopNodeRed,
  unloadFlow,
  type FlowNode,
  type RunningFlow,
} from '../support/node-red';

const CREDENTIALS = { server: { username: 'crm-user', password: 'crm-pass' } };

interface CaughtMessage extends NodeMessage {
  error: { message: string; code?: string; source: { id: string } };
}

describe('sagecrm-poll', () => {
  let simulator: Simulator;
  let userDir: string;

  beforeEach(async () => {
    userDir = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-node-'));
    simulator = await startSimulator();
    await startNodeRed({ userDir });
  });

  afterEach(async () => {
    await unloadFlow();
    await stopNodeRed();
    await simulator.close();
    await rm(userDir, { recursive: true });
  });

  const { accounts = {}, contacts = {} } = defaultResources();

  function flow(poll: object = {}, server: object = {}): FlowNode[] {
    return [
      { id: 'tab', type: 'tab', label: 'flow' },
      {
        id: 'server',
        type: 'sagecrm-config',
        name: 'main',
        subdomain: `http://${simulator.host}`,
        tags: ['t'],
        ...server,
      },
      {
        id: 'poll',
        z: 'tab',
        type: 'sagecrm-poll',
        server: 'server',
        interval: 0,
        start: 'all',
        resources: { accounts },
        wires: [['out'], ['report']],
        ...poll,
      },
      { id: 'out', z: 'tab', type: 'helper', wires: [] },
      { id: 'report', z: 'tab', type: 'helper', wires: [] },
      { id: 'catch', z: 'tab', type: 'catch', scope: null, uncaught: false, wires: [['caught']] },
      { id: 'caught', z: 'tab', type: 'helper', wires: [] },
    ];
  }

  function load(poll: object = {}, server: object = {}): Promise<RunningFlow> {
    return loadFlow([sagecrmConfig, sagecrmPoll], flow(poll, server), CREDENTIALS);
  }

  async function pollOnce(running: RunningFlow, id = 'poll'): Promise<PollReport> {
    const reported = running.message('report');
    running.send(id, { topic: 'poll' });
    return (await reported).payload as PollReport;
  }

  it('sends one message for each record, with its event', async () => {
    const row = simulator.crm.create('company', { Comp_Name: 'Cedar Works' });
    const running = await load();
    const arrives = running.message('out');
    running.send('poll', { topic: 'poll' });
    const { topic, payload, event } = (await arrives) as unknown as EventMessage;
    assert.equal(topic, 'accounts');
    assert.equal(payload.Comp_Name, 'Cedar Works');
    assert.equal(event.objectId, row.id);
    assert.equal(event.eventType, 'CREATED');
    assert.equal(event.instanceName, 'main');
    assert.deepEqual(event.tags, ['t']);
  });

  it('polls at start and at the interval, in minutes or their text', async () => {
    simulator.crm.create('company');
    const running = await load({ interval: '0.0002', report: true });
    const reports = await running.messages('report', 3);
    assert.equal(reports.length, 3);
    assert.ok(simulator.requests.length >= 3);
  });

  describe('with events that the flow has to acknowledge', () => {
    const acknowledged = { commit: 'acknowledged', report: true };

    async function pollTwo(running: RunningFlow): Promise<EventMessage[]> {
      const arrive = running.messages('out', 2);
      await pollOnce(running);
      return (await arrive) as unknown as EventMessage[];
    }

    async function unacknowledged(running: RunningFlow): Promise<unknown> {
      const answer = running.message('report');
      running.send('poll', { topic: 'status' });
      return ((await answer).payload as { unacknowledged: unknown }).unacknowledged;
    }

    it('keeps an event until its message comes back with the topic ack', async () => {
      simulator.crm.many('company', 2);
      const running = await load(acknowledged);
      const [first, second] = await pollTwo(running);
      running.send('poll', { ...first, topic: 'ack' });
      await pollOnce(running);
      assert.equal(await unacknowledged(running), 1);
      const again = running.message('out');

      await running.deploy(flow({ ...acknowledged, name: 'deployed anew' }), 'nodes');
      await pollOnce(running);
      const repeated = (await again) as unknown as EventMessage;
      assert.deepEqual(repeated.event, second?.event);
      assert.equal(await unacknowledged(running), 1);
    });

    it('sends nothing again that is acknowledged after a deploy, before the next poll', async () => {
      simulator.crm.many('company', 2);
      const running = await load(acknowledged);
      const [first, second] = await pollTwo(running);
      await running.deploy(flow({ ...acknowledged, name: 'deployed anew' }), 'nodes');
      const again = running.message('out');
      running.send('poll', { ...first, topic: 'ack' });
      await pollOnce(running);
      assert.deepEqual(((await again) as unknown as EventMessage).event, second?.event);
      assert.equal(await unacknowledged(running), 1);
    });

    it('takes the acknowledgement of a node that knows only the ids', async () => {
      simulator.crm.many('company', 2);
      const running = await load(acknowledged);
      const events = await pollTwo(running);
      for (const { event } of events) {
        acknowledge({ events: runtimeEvents() } as NodeAPI, 'poll', event.eventId);
      }
      await pollOnce(running);
      assert.equal(await unacknowledged(running), 0);
    });

    it('waits, and says so, while the flow holds as many as it may', async () => {
      simulator.crm.many('company', 3);
      const running = await load({ ...acknowledged, maxInFlight: '2' });
      const waits = running.status('poll', ({ text }) => text?.includes('waiting') === true);
      const events = await pollTwo(running);
      await waits;
      const third = running.message('out');
      running.send('poll', { topic: 'ack', payload: events.map(({ event }) => event.eventId) });
      assert.equal(((await third) as unknown as EventMessage).event.objectId, '3');
    });

    it('tells a Catch node of an acknowledgement without an event', async () => {
      const running = await load(acknowledged);
      const caught = running.message('caught');
      running.send('poll', { topic: 'ack' });
      assert.equal(((await caught) as CaughtMessage).error.code, 'INPUT_INVALID');
    });
  });

  it('reports every finished poll on its second output, also when nothing was new', async () => {
    const running = await load({ report: true });
    const { durationMs, ...report } = await pollOnce(running);
    assert.ok(durationMs >= 0);
    assert.deepEqual(report, {
      resource: 'accounts',
      created: 0,
      updated: 0,
      pages: 1,
      cursor: null,
    });
    simulator.crm.create('company');
    assert.equal((await pollOnce(running)).created, 1);
  });

  it('shows the progress and the outcome in its status', async () => {
    simulator.faults.next({ kind: 'hang' });
    const running = await load({ report: true });
    const polling = running.status('poll', ({ fill }) => fill === 'blue');
    running.send('poll', {});
    assert.match((await polling).text ?? '', /polling/);
    const done = running.status('poll', ({ fill }) => fill === 'green');
    simulator.faults.clear();
    assert.match((await done).text ?? '', /idle/);
  });

  it('lets one resource fail and the others go on, and names it to a Catch node', async () => {
    simulator.crm.create('person');
    simulator.faults.when(({ path: url }) => url.includes('accounts'), {
      kind: 'status',
      status: 500,
    });
    const running = await load({ resources: { accounts, contacts } });
    const caught = running.message('caught');
    const arrives = running.message('out');
    running.send('poll', {});
    const { error, topic } = (await caught) as CaughtMessage & { topic: string };
    assert.equal(error.code, 'SERVER_ERROR');
    assert.equal(error.source.id, 'poll');
    assert.equal(topic, 'accounts');
    assert.equal((await arrives).topic, 'contacts');
  });

  it('stops at a refused log-on, and tries once more on resume', async () => {
    const running = await load({ resources: { accounts, contacts } }, {});
    simulator.faults.when(() => true, { kind: 'refuse' });
    const caught = running.message('caught');
    running.send('poll', {});
    assert.equal(((await caught) as CaughtMessage).error.code, 'LOGON_REFUSED');
    assert.equal(simulator.requests.length, 1);
    const answered = running.message('out');
    running.send('poll', { topic: 'poll' });
    running.send('poll', { topic: 'status' });
    const status = (await answered).payload as { paused: boolean };
    assert.equal(status.paused, true);
    assert.equal(simulator.requests.length, 1);
    simulator.crm.create('company');
    const arrives = running.message('out');
    running.send('poll', { topic: 'resume' });
    assert.equal((await arrives).topic, 'accounts');
  });

  it('pauses and resumes', async () => {
    const running = await load({ report: true });
    running.send('poll', { topic: 'pause' });
    running.send('poll', { topic: 'poll' });
    const answered = running.message('report');
    running.send('poll', { topic: 'status' });
    const status = (await answered).payload as { paused: boolean; resources: ResourceStatus[] };
    assert.equal(status.paused, true);
    assert.equal(simulator.requests.length, 0);
    const reported = running.message('report');
    running.send('poll', { topic: 'resume' });
    assert.equal(((await reported).payload as PollReport).resource, 'accounts');
  });

  it('replays what came since a date, with equal event ids', async () => {
    simulator.crm.create('company');
    const running = await load();
    const first = running.message('out');
    running.send('poll', {});
    const before = (await first) as unknown as EventMessage;
    const again = running.message('out');
    running.send('poll', { topic: 'replay', payload: { since: '2020-01-01' } });
    const after = (await again) as unknown as EventMessage;
    assert.equal(after.event.eventId, before.event.eventId);
  });

  it('refuses a replay without a date', async () => {
    const running = await load();
    const caught = running.message('caught');
    running.send('poll', { topic: 'replay', payload: {} });
    assert.equal(((await caught) as CaughtMessage).error.code, 'INPUT_INVALID');
  });

  it('accepts its resources as JSON text, and several at once', async () => {
    simulator.crm.create('company');
    simulator.crm.create('person');
    const running = await load({ resources: JSON.stringify({ accounts, contacts }) });
    const arrive = running.messages('out', 2);
    running.send('poll', {});
    assert.deepEqual(
      (await arrive).map(({ topic }) => topic),
      ['accounts', 'contacts'],
    );
  });

  it('leaves out a resource that is not enabled', async () => {
    const running = await load({
      report: true,
      resources: { accounts: { ...accounts, enabled: false }, contacts },
    });
    assert.equal((await pollOnce(running)).resource, 'contacts');
  });

  it('goes on after a redeploy without loss or repetition', async () => {
    simulator.crm.create('company');
    const running = await load({ report: true });
    assert.equal((await pollOnce(running)).created, 1);
    const during = simulator.crm.create('company');
    await running.deploy(flow({ report: true, name: 'edited' }));
    const arrives = running.message('out');
    assert.equal((await pollOnce(running)).created, 1);
    assert.equal(((await arrives) as unknown as EventMessage).event.objectId, during.id);
  });

  it('reads as others on its server do, and lets go of what it read with', async () => {
    const running = await load({ report: true });
    const { server } = running.node('server') as SageCrmConfigNode;
    assert.ok(!(server instanceof Error));
    await pollOnce(running);
    const alone = flow({ report: true });
    const both = alone.flatMap((node) =>
      node.id === 'poll' ? [node, { ...node, id: 'other' }] : node,
    );
    await running.deploy(both, 'nodes');
    await pollOnce(running, 'other');
    assert.equal(server.readings.size, 1);
    await running.deploy(alone, 'nodes');
    assert.equal(server.readings.size, 1);
    await running.deploy(
      alone.filter(({ id }) => id !== 'poll'),
      'nodes',
    );
    assert.equal(server.readings.size, 0);
  });

  it('keeps its state while it is disabled, and removes it when it is deleted', async () => {
    const running = await load({ report: true });
    await pollOnce(running);
    const state = path.join(userDir, 'sagecrm', 'poll');
    assert.ok(existsSync(state));
    await running.deploy(flow({ report: true, d: true }));
    assert.ok(existsSync(state));
    await running.deploy(flow().filter(({ id }) => id !== 'poll'));
    assert.equal(existsSync(state), false);
  });

  it('stops a poll under way when the flow is redeployed', async () => {
    simulator.faults.next({ kind: 'hang' });
    const running = await load();
    const asked = new Promise((resolve) => simulator.onRequest(resolve));
    running.send('poll', {});
    await asked;
    await running.deploy(flow({ name: 'edited' }));
    assert.deepEqual(running.logged('poll', 'error'), []);
  });

  for (const [field, bad, names] of [
    ['interval', { interval: 'often' }, /interval/],
    [
      'template',
      { resources: { accounts: { ...accounts, url: '/x?where=${gmtDat:yyyy}' } } },
      /resources\.accounts\.url/,
    ],
    [
      'zone',
      {
        resources: {
          accounts: {
            ...accounts,
            datesConfiguration: { updatedDateField: 'x', updatedDateTimezone: 'Mars' },
          },
        },
      },
      /updatedDateTimezone/,
    ],
    [
      'format',
      {
        resources: {
          accounts: {
            ...accounts,
            datesConfiguration: { updatedDateField: 'x', updatedDateFormat: 'yyyy-bb' },
          },
        },
      },
      /updatedDateFormat/,
    ],
    ['JSON', { resources: '{"accounts":' }, /resources/],
    ['server', { server: 'nobody' }, /server/],
  ] as const) {
    it(`refuses a bad ${field}, names it, and leaves the flow running`, async () => {
      const running = await load(bad);
      assert.equal(running.statuses('poll').at(-1)?.fill, 'red');
      const caught = running.message('caught');
      running.send('poll', {});
      const { error } = (await caught) as CaughtMessage;
      assert.equal(error.code, 'CONFIG_INVALID');
      assert.match(error.message, names);
    });
  }

  it('refuses a where clause that cannot be translated, with the place of the fault', async () => {
    const url = "/hubs/crm/accounts?where=not Comp_Name like 'A%'";
    const running = await load({ resources: { accounts: { ...accounts, url } } }, { api: 'sdata' });
    const caught = running.message('caught');
    running.send('poll', {});
    const { error } = (await caught) as CaughtMessage;
    assert.equal(error.code, 'WHERE_INVALID');
    assert.match(error.message, /resources\.accounts\.url.*character/);
  });

  it('emits deletions once they are confirmed', async () => {
    const rows = simulator.crm.many('company', 8);
    const running = await load({
      report: true,
      resources: { accounts: { ...accounts, deletes: 'reconcile', deletesInterval: 1 } },
    });
    await pollOnce(running);
    for (const { id } of rows.slice(0, 6)) simulator.crm.remove('company', id);
    const arrive = running.messages('out', 6);
    running.send('poll', { topic: 'confirm-deletes' });
    const types = ((await arrive) as unknown as EventMessage[]).map(({ event }) => event.eventType);
    assert.deepEqual(new Set(types), new Set(['DELETED']));
  });

  it('refuses to work with a server that is not valid, and says which field', async () => {
    const running = await load({}, { subdomain: 'ftp://crm' });
    const caught = running.message('caught');
    running.send('poll', {});
    assert.match(((await caught) as CaughtMessage).error.message, /subdomain/);
  });
});
