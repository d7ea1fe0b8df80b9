import assert from 'node:assert/strict';
import type { CommittedChange } from '../simulator/commit-log';
import { startSimulator, type RecordedRequest, type Simulator } from '../simulator/simulator';
import { startReceiver, type WebhookReceiver } from '../simulator/webhook-receiver';
import { cleanSlate } from './support/clean-slate';
import { nodeOfType } from './support/example-flow';
import { drivenFlow, forwardingFlow, pollOnce } from './support/forwarding';
import { NodeRedProcess, type FlowNode } from './support/node-red-process';
import { newUserDir } from './support/package';
import { describeOnEachRuntime } from './support/runtimes';
import { changeKey, eventOf, idsByChange, signatureOf, untilDelivered } from './support/webhooks';

const USER = { username: 'crm-user', password: 'crm-pass' };
const SIGNATURE_KEY = 'only for tests';
const HOUR = 3_600_000;

describeOnEachRuntime('polling and forwarding', (runtime) => {
  let simulator: Simulator;
  let receiver: WebhookReceiver;
  let userDir: string;
  let nodeRed: NodeRedProcess;

  before('start Node-RED', async function () {
    this.timeout(180_000);
    userDir = await newUserDir();
    nodeRed = await start();
  });

  after(() => nodeRed.stop());

  beforeEach(async () => {
    simulator = await startSimulator(USER);
    receiver = await startReceiver();
  });

  afterEach(async () => {
    await cleanSlate(nodeRed, userDir);
    await receiver.close();
    await simulator.close();
  });

  it('sends one signed webhook for each change, created or updated', async () => {
    seedOneOfEach();
    await nodeRed.deploy(flow());
    assert.equal(await pollOnce(nodeRed), 5);
    await receiver.waitFor(5);

    const { crm } = simulator;
    crm.update('company', 1, { Comp_Name: 'Renamed' });
    crm.update('users', 1, { User_Department: 'Moved' });
    crm.create('lead');
    assert.equal(await pollOnce(nodeRed), 3);
    await receiver.waitFor(8);
    assert.equal(await pollOnce(nodeRed), 0);

    assertExactlyOnce(crm.commitLog);
    for (const delivery of receiver.deliveries) {
      const signature = signatureOf(delivery, SIGNATURE_KEY);
      assert.equal(delivery.headers['elements-webhook-signature'], signature);
      assert.ok(delivery.headers['elements-webhook-id']);
    }
  });

  it('polls by itself at start and at every interval', async () => {
    seedOneOfEach();
    await nodeRed.deploy(forwardingFlow({ ...addresses(), interval: 0.01 }));
    await receiver.waitFor(5);
    simulator.crm.update('person', 1, { Pers_Department: 'Sales' });
    await receiver.waitFor(6);
    assertExactlyOnce(simulator.crm.commitLog);
  });

  it('loses nothing when killed in the middle of a poll, and repeats only under the same id', async () => {
    const { crm, faults } = simulator;
    crm.many('company', 800, {}, { stamp: (index) => Date.now() - HOUR + index * 1000 });
    faults.when(asksForPageOfAccounts(4), { kind: 'hang' });
    await nodeRed.deploy(flow());
    // It is asked for ahead, while the third one is read; until then the first one was written.
    const fourthPage = untilAsked(asksForPageOfAccounts(4));
    const poll = pollOnce(nodeRed).catch(() => 'cut short');
    await fourthPage;
    await nodeRed.kill();
    assert.equal(await poll, 'cut short');

    faults.clear();
    // The first page is on disk; this record was on one that was not read.
    const unread = crm.commitLog.find(({ id }) => id === '799');
    for (const id of [1, 2, 799]) crm.update('company', id, { Comp_Name: 'Renamed' });
    crm.many('company', 5);
    nodeRed = await start();
    await pollOnce(nodeRed);
    const readable = crm.commitLog.filter((change) => change !== unread);
    await untilDelivered(receiver, readable);
    assert.equal(await pollOnce(nodeRed), 0);
    assertEachUnderOneId(readable);
  });

  it('delivers what waited when it was killed, each under one id', async () => {
    const { crm } = simulator;
    crm.seed({ companies: 20, people: 20 }, { stamp: Date.now() - HOUR });
    receiver.respond = () => ({ hang: true });
    await nodeRed.deploy(flow());
    assert.equal(await pollOnce(nodeRed), 40);
    await receiver.waitFor(1);
    await nodeRed.kill();

    receiver.respond = [];
    crm.update('company', 7, { Comp_Name: 'Renamed' });
    crm.create('person');
    nodeRed = await start();
    assert.equal(await pollOnce(nodeRed), 2);
    await untilDelivered(receiver, crm.commitLog);
    assertEachUnderOneId(crm.commitLog);
  });

  it('goes on where it was after it was killed between two polls', async () => {
    const { crm } = simulator;
    crm.seed({ companies: 20, people: 20 }, { stamp: Date.now() - HOUR });
    await nodeRed.deploy(flow());
    await pollOnce(nodeRed);
    await receiver.waitFor(40);
    await nodeRed.kill();

    crm.update('company', 7, { Comp_Name: 'Renamed' });
    crm.create('person');
    nodeRed = await start();
    assert.equal(await pollOnce(nodeRed), 2);
    await receiver.waitFor(42);
    assertExactlyOnce(crm.commitLog);
  });

  for (const type of ['full', 'nodes'] as const) {
    it(`repeats nothing after a redeploy of type "${type}"`, async () => {
      seedOneOfEach();
      const nodes = flow();
      await nodeRed.deploy(nodes);
      await pollOnce(nodeRed);
      await receiver.waitFor(5);

      await nodeRed.deploy(renamed(nodes), type);
      assert.equal(await pollOnce(nodeRed), 0);
      simulator.crm.update('opportunity', 1, { Oppo_Stage: 'Won' });
      assert.equal(await pollOnce(nodeRed), 1);
      await receiver.waitFor(6);
      assertExactlyOnce(simulator.crm.commitLog);
    });
  }

  it('repeats nothing after a restart', async () => {
    seedOneOfEach();
    await nodeRed.deploy(flow());
    await pollOnce(nodeRed);
    await receiver.waitFor(5);
    await nodeRed.stop();

    nodeRed = await start();
    assert.equal(await pollOnce(nodeRed), 0);
    assertExactlyOnce(simulator.crm.commitLog);
  });

  function start(): Promise<NodeRedProcess> {
    return NodeRedProcess.start({ runtime: runtime(), userDir });
  }

  function addresses(): Parameters<typeof drivenFlow>[0] {
    return { crm: simulator.url, callback: receiver.url, signatureKey: SIGNATURE_KEY, ...USER };
  }

  function flow(): FlowNode[] {
    return drivenFlow(addresses());
  }

  function untilAsked(predicate: (request: RecordedRequest) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const stop = simulator.onRequest((request) => {
        if (!predicate(request)) return;
        stop();
        resolve();
      });
    });
  }

  function seedOneOfEach(): void {
    const each = { companies: 1, people: 1, leads: 1, opportunities: 1, users: 1 };
    simulator.crm.seed(each, { stamp: Date.now() - HOUR });
  }

  function assertExactlyOnce(changes: readonly CommittedChange[]): void {
    const events = receiver.deliveries.map(eventOf);
    assert.deepEqual(events.map(changeKey).sort(), changes.map(changeKey).sort());
    assert.equal(new Set(events.map(({ eventId }) => eventId)).size, changes.length);
    assertRightActions(changes);
  }

  function assertRightActions(changes: readonly CommittedChange[]): void {
    const kinds = new Map(changes.map((change) => [changeKey(change), change.kind]));
    for (const event of receiver.deliveries.map(eventOf)) {
      assert.equal(event.action, kinds.get(changeKey(event)), changeKey(event));
      assert.equal(event.eventType, event.action === 'create' ? 'CREATED' : 'UPDATED');
    }
  }

  /** Exactly these changes, each perhaps more than once, but under one id of its own. */
  function assertEachUnderOneId(changes: readonly CommittedChange[]): void {
    const ids = idsByChange(receiver.deliveries);
    assert.deepEqual([...ids.keys()].sort(), changes.map(changeKey).sort());
    for (const [change, { size }] of ids) assert.equal(size, 1, change);
    assert.equal(new Set([...ids.values()].flatMap((some) => [...some])).size, ids.size);
    assertRightActions(changes);
  }
});

/** True for the request with this number among those for accounts. */
function asksForPageOfAccounts(number: number): (request: RecordedRequest) => boolean {
  let requests = 0;
  return ({ path }) => {
    if (path.endsWith('/accounts')) requests += 1;
    return path.endsWith('/accounts') && requests === number;
  };
}

function renamed(flow: readonly FlowNode[]): FlowNode[] {
  const poll = nodeOfType(flow, 'sagecrm-poll');
  return flow.map((node) => (node === poll ? { ...poll, name: 'Renamed' } : node));
}
