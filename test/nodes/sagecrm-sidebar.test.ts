import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { joinActivity } from '../../nodes/runtime/activity';
import sagecrmCallback from '../../nodes/sagecrm-callback/sagecrm-callback';
import sagecrmConfig from '../../nodes/sagecrm-config/sagecrm-config';
import sagecrmPoll from '../../nodes/sagecrm-poll/sagecrm-poll';
import sagecrmSidebar from '../../nodes/sagecrm-sidebar/sagecrm-sidebar';
import { defaultResources } from '../../src/config/defaults';
import type { CallbackOverview, HistoryView, Overview } from '../../src/monitor/overview';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { AdminServer } from '../support/admin-server';
import {
  loadFlow,
  runtimeEvents,
  startNodeRed,
  stopNodeRed,
  unloadFlow,
  type FlowNode,
  type NodeInitializer,
  type RunningFlow,
} from '../support/node-red';

const CREDENTIALS = { server: { username: 'crm-user', password: 'crm-pass' } };
const ALL = [sagecrmConfig, sagecrmPoll, sagecrmCallback];

/** A message of the comms, as the runtime passes it on to the browsers. */
interface Comms {
  topic: string;
  data: { nodes: string[]; history: boolean };
  retain?: boolean;
}

interface Plugin {
  type: string;
  onremove: () => Promise<void>;
}

describe('the runtime of the sidebar', () => {
  let simulator: Simulator;
  let userDir: string;
  let admin: AdminServer;
  let plugins: { id: string; plugin: Plugin }[];

  beforeEach(async () => {
    plugins = [];
    admin = await AdminServer.start();
    userDir = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-sidebar-'));
    simulator = await startSimulator();
    await startNodeRed({ userDir });
  });

  afterEach(async () => {
    await unload();
    await stopNodeRed();
    await admin.close();
    await simulator.close();
    await rm(userDir, { recursive: true });
  });

  /** Ends Node-RED, as far as a test can: what the plugin listens to outlives a flow. */
  async function unload(): Promise<void> {
    await unloadFlow();
    for (const { plugin } of plugins.splice(0)) await plugin.onremove();
  }

  /** What the test helper has no part of: served admin routes, and plugins. */
  const withAdmin: NodeInitializer = (RED) => {
    admin.serveNoting(RED);
    Reflect.set(RED.plugins, 'registerPlugin', (id: string, plugin: Plugin) => {
      plugins.push({ id, plugin });
    });
  };

  const { accounts = {}, contacts = {} } = defaultResources();

  function server(): FlowNode {
    return { id: 'server', type: 'sagecrm-config', subdomain: `http://${simulator.host}` };
  }

  function pollNode(change: object = {}): FlowNode {
    return {
      ...{ id: 'poll', z: 'tab', type: 'sagecrm-poll', name: 'My poll', server: 'server' },
      ...{ interval: 0, start: 'all', report: true, resources: { accounts } },
      ...{ wires: [['out'], ['report']] },
      ...change,
    };
  }

  function callbackNode(change: object = {}): FlowNode {
    return {
      ...{ id: 'callback', z: 'tab', type: 'sagecrm-callback', name: 'My hook', wires: [[]] },
      ...{ url: 'http://127.0.0.1:9/hook', allowPrivate: true, retries: '1s' },
      ...change,
    };
  }

  function flow(nodes: readonly FlowNode[]): FlowNode[] {
    return [
      { id: 'tab', type: 'tab', label: 'flow' },
      server(),
      { id: 'out', z: 'tab', type: 'helper', wires: [] },
      { id: 'report', z: 'tab', type: 'helper', wires: [] },
      ...nodes,
    ];
  }

  function load(
    nodes: readonly FlowNode[],
    types: readonly NodeInitializer[] = [sagecrmSidebar, ...ALL],
  ): Promise<RunningFlow> {
    return loadFlow([withAdmin, ...types], flow(nodes), CREDENTIALS);
  }

  async function post<Answer>(route: 'overview' | 'history', body: object = {}): Promise<Answer> {
    const response = await admin.post(`/sagecrm-sidebar/${route}`, body);
    return (await response.json()) as Answer;
  }

  const overview = (): Promise<Overview> => post<Overview>('overview');
  const history = (query: object = {}): Promise<HistoryView> => post<HistoryView>('history', query);

  async function pollOnce(running: RunningFlow): Promise<void> {
    const reported = running.message('report');
    running.send('poll', { topic: 'poll' });
    await reported;
  }

  /** Resolves with the first notice that `wanted` accepts. */
  function notice(wanted: (notice: Comms) => boolean): Promise<Comms> {
    const events = runtimeEvents();
    return new Promise((resolve) => {
      const onComms = (told: Comms): void => {
        if (told.topic !== 'sagecrm/changed' || !wanted(told)) return;
        events.removeListener('comms', onComms);
        resolve(told);
      };
      events.on('comms', onComms);
    });
  }

  /** The callback nodes, once the first of them has opened its outbox. */
  async function callbacksOnceOpen(): Promise<CallbackOverview[]> {
    for (;;) {
      const changed = notice(({ data }) => data.nodes.includes('callback'));
      const { callbacks } = await overview();
      if (callbacks[0]?.outbox !== undefined) return callbacks;
      await changed;
    }
  }

  it('registers the plugin, with routes for those who may read', async () => {
    await load([]);
    assert.deepEqual(
      plugins.map(({ id, plugin }) => [id, plugin.type]),
      [['sagecrm-sidebar', 'sagecrm-sidebar']],
    );
    for (const route of ['overview', 'history']) {
      assert.equal(admin.permissions.get(`/sagecrm-sidebar/${route}`), 'sagecrm-sidebar.read');
    }
  });

  it('shows a poll node before and after its first poll', async () => {
    simulator.crm.create('company');
    const running = await load([pollNode({ resources: { accounts, contacts } })]);
    const [before] = (await overview()).polls;
    assert.deepEqual(before, {
      ...{ id: 'poll', name: 'My poll', flow: 'tab', state: 'idle', unacknowledged: 0 },
      resources: ['accounts', 'contacts'].map((resource) => ({
        ...{ resource, lastPollAt: null, nextPollAt: null, cursor: null, failures: 0 },
      })),
    });
    const done = running.status('poll', ({ fill }) => fill === 'green');
    running.send('poll', {});
    await done;
    const { now, polls } = await overview();
    const [first = assert.fail()] = polls[0]?.resources ?? [];
    assert.ok(Math.abs(now - (first.lastPollAt ?? 0)) < 10_000);
    assert.equal(first.last?.created, 1);
    assert.equal(first.cursor, first.last.cursor);
  });

  it('knows the cursor of an earlier run though the server does not answer', async () => {
    simulator.crm.create('company');
    const running = await load([pollNode()]);
    await pollOnce(running);
    const cursor = (await overview()).polls[0]?.resources[0]?.cursor;
    assert.ok(typeof cursor === 'string');
    simulator.faults.when(() => true, { kind: 'status', status: 500 });
    await running.deploy(flow([pollNode({ name: 'edited' })]));
    await pollOnce(running);
    const [resource = assert.fail()] = (await overview()).polls[0]?.resources ?? [];
    assert.equal(resource.cursor, cursor);
    assert.equal(resource.failures, 1);
    assert.equal(resource.problem?.code, 'SERVER_ERROR');
    assert.ok(resource.problem.nextStep);
  });

  it('shows when the next poll is due, and none while paused', async () => {
    const before = Date.now();
    const running = await load([pollNode({ interval: 15 })]);
    await running.message('report');
    const next = async (): Promise<number | null | undefined> =>
      (await overview()).polls[0]?.resources[0]?.nextPollAt;
    const due = await next();
    assert.ok(typeof due === 'number' && due > before + 899_000);
    const paused = running.status('poll', ({ fill }) => fill === 'grey');
    running.send('poll', { topic: 'pause' });
    await paused;
    assert.equal((await overview()).polls[0]?.state, 'paused');
    assert.equal(await next(), null);
  });

  it('shows nodes that refused to start as stopped, with what to do', async () => {
    await load([pollNode({ interval: 'often' }), callbackNode({ url: 'ftp://nowhere' })]);
    const { polls, callbacks } = await overview();
    const [poll = assert.fail()] = polls;
    assert.equal(poll.state, 'stopped');
    assert.equal(poll.problem?.code, 'CONFIG_INVALID');
    assert.match(poll.problem.message, /interval/);
    assert.ok(poll.problem.nextStep);
    const [callback = assert.fail()] = callbacks;
    assert.equal(callback.problem?.code, 'CONFIG_INVALID');
    assert.deepEqual((await history()).problems.map(({ node }) => node).sort(), [
      'callback',
      'poll',
    ]);
  });

  it('shows the outbox of a callback node, and whether it is on', async () => {
    await load([callbackNode(), callbackNode({ id: 'off', enabled: false })]);
    const [on = assert.fail(), off] = await callbacksOnceOpen();
    assert.equal(on.enabled, true);
    assert.equal(on.outbox?.depth, 0);
    assert.deepEqual(off, { id: 'off', name: 'My hook', flow: 'tab', enabled: false });
  });

  it('tells why a delivery failed', async () => {
    simulator.crm.create('company');
    const running = await load([
      pollNode({ wires: [['callback'], ['report']] }),
      callbackNode({ allowPrivate: false }),
    ]);
    const failed = running.error('callback');
    await pollOnce(running);
    await failed;
    assert.ok((await overview()).callbacks[0]?.problem?.nextStep);
    const { problems } = await history({ node: 'callback' });
    assert.equal(problems[0]?.node, 'callback');
  });

  it('leaves out nodes that are disabled or deleted', async () => {
    const running = await load([pollNode(), pollNode({ id: 'disabled', d: true })]);
    const ids = async (): Promise<string[]> => (await overview()).polls.map(({ id }) => id);
    assert.deepEqual(await ids(), ['poll']);
    await running.deploy(flow([]));
    assert.deepEqual(await ids(), []);
  });

  it('tells the events of each node and resource, and counts them', async () => {
    simulator.crm.many('company', 3);
    simulator.crm.create('person');
    const running = await load([pollNode({ resources: { accounts, contacts } })]);
    const arrive = running.messages('out', 4);
    running.send('poll', {});
    await arrive;
    const { events, bars } = await history({ node: 'poll', resource: 'accounts', limit: 2 });
    assert.deepEqual(
      events.map(({ objectId, eventType, resource }) => [objectId, eventType, resource]),
      [
        ['3', 'CREATED', 'accounts'],
        ['2', 'CREATED', 'accounts'],
      ],
    );
    assert.equal(
      bars.reduce((sum, { created }) => sum + created, 0),
      3,
    );
  });

  it('refuses a query that is not understood', async () => {
    await load([]);
    const error = await history({ bars: 'many' });
    assert.equal(Reflect.get(error, 'code'), 'INPUT_INVALID');
  });

  it('keeps its history over a restart', async () => {
    simulator.crm.create('company');
    const running = await load([pollNode()]);
    const arrives = running.message('out');
    running.send('poll', {});
    await arrives;
    const before = await history();
    assert.equal(before.events.length, 1);
    await unload();

    await load([pollNode()]);
    const { events, bars } = await history();
    assert.deepEqual(events, before.events);
    assert.equal(
      bars.reduce((sum, { created }) => sum + created, 0),
      1,
    );
  });

  it('shows its history when no node runs', async () => {
    simulator.crm.create('company');
    const running = await load([pollNode()]);
    const arrives = running.message('out');
    running.send('poll', {});
    await arrives;
    await unload();

    await load([pollNode({ d: true })]);
    assert.equal((await history()).events.length, 1);
  });

  it('forgets the history of a node that is deleted, not of one that is disabled', async () => {
    simulator.crm.create('company');
    const running = await load([pollNode()]);
    const arrives = running.message('out');
    running.send('poll', {});
    await arrives;
    await running.deploy(flow([pollNode({ d: true })]));
    assert.equal((await history()).events.length, 1);
    await running.deploy(flow([]));
    assert.equal((await history()).events.length, 0);
    await unload();

    await load([]);
    assert.equal((await history()).events.length, 0, 'nor is it on the disk');
  });

  it('polls on with a history that is damaged', async () => {
    const folder = path.join(userDir, 'sagecrm', 'sidebar');
    await mkdir(folder, { recursive: true });
    writeFileSync(path.join(folder, 'CURRENT'), 'rubbish');
    simulator.crm.create('company');
    const running = await load([pollNode()]);
    const arrives = running.message('out');
    await pollOnce(running);
    await arrives;
    assert.equal((await history()).events.length, 1);
  });

  it('tells the browsers what has changed and nothing else, once a second at most', async () => {
    simulator.crm.many('company', 50);
    const running = await load([pollNode()]);
    const told: Comms[] = [];
    const note = (comms: Comms): void => {
      if (comms.topic.startsWith('sagecrm')) told.push(comms);
    };
    runtimeEvents().on('comms', note);
    const grown = notice(({ data }) => data.history);
    const arrive = running.messages('out', 50);
    running.send('poll', {});
    await arrive;
    assert.deepEqual(await grown, {
      topic: 'sagecrm/changed',
      data: { nodes: ['poll'], history: true },
      retain: false,
    });
    runtimeEvents().removeListener('comms', note);
    assert.ok(told.length <= 2, `${told.length} notices`);
  });

  it('is not needed by the nodes', async () => {
    simulator.crm.create('company');
    const running = await load([pollNode()], ALL);
    const arrives = running.message('out');
    await pollOnce(running);
    await arrives;
    await running.stop();
  });

  it('does not need all node types', async () => {
    await load([], [sagecrmSidebar]);
    const { polls, callbacks } = await overview();
    assert.deepEqual([polls, callbacks], [[], []]);
  });

  it('takes nothing in from a node that has left', async () => {
    await load([]);
    const events = runtimeEvents();
    const activity = joinActivity(
      { events },
      {
        id: 'late',
        kind: 'poll',
        overview: () => assert.fail(),
      },
    );
    await activity.left();
    activity.wentWrong(new Error('too late'));
    assert.deepEqual((await history()).problems, []);
  });
});
