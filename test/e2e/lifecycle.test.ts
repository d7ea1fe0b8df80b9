import assert from 'node:assert/strict';
import {
  buttonOf,
  edited,
  LOG_ON,
  movedTo,
  POLL,
  pollFlow,
  SERVER,
  TAB,
  withLogOn,
} from './support/lifecycle-flow';
import { asksForNextPage, LifecycleRig } from './support/lifecycle-rig';
import { NodeRedProcess, type FlowNode } from './support/node-red-process';
import { newUserDir } from './support/package';
import { describeOnEachRuntime } from './support/runtimes';

/** Three pages of records. */
const MANY = 50;
const SECOND_TAB = { id: 'second', type: 'tab', label: 'Second', disabled: false };
const BYSTANDER = { id: 'bystander', type: 'inject', z: SECOND_TAB.id, x: 100, y: 100, wires: [] };

describeOnEachRuntime('a poll node in a flow that is edited', (runtime) => {
  let nodeRed: NodeRedProcess;
  let userDir: string;
  let rig: LifecycleRig;
  let flow: FlowNode[];

  before('start Node-RED', async function () {
    this.timeout(180_000);
    userDir = await newUserDir();
    nodeRed = await NodeRedProcess.start({ runtime: runtime(), userDir });
  });

  after(() => nodeRed.stop());

  beforeEach(async () => {
    rig = await LifecycleRig.around(nodeRed, userDir);
    flow = [...pollFlow(rig.addresses), SECOND_TAB, BYSTANDER];
    await nodeRed.deploy(withLogOn(flow));
  });

  afterEach(() => rig.close());

  for (const type of ['full', 'nodes', 'flows', 'reload'] as const) {
    it(`goes on where it was after a deploy of type "${type}" between two polls`, async () => {
      rig.seed(MANY);
      assert.equal(await rig.poll(POLL), MANY);
      await nodeRed.deploy(edited(flow, POLL, { overlap: 60 }), type);
      assert.equal(await rig.poll(POLL), 0);
      rig.change(7);
      assert.equal(await rig.poll(POLL), 1);
      await rig.assertExactlyOnce(POLL);
    });

    it(`loses and repeats nothing after a deploy of type "${type}" in a poll`, async () => {
      rig.seed(MANY);
      await rig.beginPoll(POLL);
      rig.change(1);
      await nodeRed.deploy(edited(flow, POLL, { overlap: 60 }), type);
      rig.simulator.faults.clear();
      await rig.assertExactlyOnce(POLL);
    });
  }

  for (const type of ['nodes', 'flows'] as const) {
    it(`goes on with its poll when a deploy of type "${type}" concerns others only`, async () => {
      rig.seed(MANY);
      const after = nodeRed.log.length;
      await rig.beginPoll(POLL);
      await nodeRed.deploy(edited(flow, BYSTANDER.id, { name: 'Renamed' }), type);
      rig.simulator.faults.clear();
      assert.equal(await rig.finished(POLL, after), MANY);
      assert.equal(rig.simulator.requests.filter(asksForNextPage).length, 2);
      await rig.assertExactlyOnce(POLL);
    });
  }

  it('loses and repeats nothing when two deploys follow each other at once in a poll', async () => {
    rig.seed(MANY);
    await rig.beginPoll(POLL);
    const started = nodeRed.untilStarted(2);
    await Promise.all([
      nodeRed.requestDeploy(edited(flow, POLL, { name: 'First' }), 'nodes'),
      nodeRed.requestDeploy(edited(flow, POLL, { name: 'Second' }), 'nodes'),
      started,
    ]);
    rig.simulator.faults.clear();
    await rig.assertExactlyOnce(POLL);
    assert.deepEqual(rig.complaints(), []);
  });

  it('loses and repeats nothing when a deploy comes while it emits', async () => {
    const count = 1000;
    const atOnce = pollFlow(rig.addresses, { pageSize: count });
    await nodeRed.deploy(atOnce);
    rig.seed(count);
    await nodeRed.inject(buttonOf(POLL));
    await rig.untilReceived(1);
    await nodeRed.deploy(edited(atOnce, POLL, { name: 'Renamed' }));
    await rig.assertExactlyOnce(POLL);
  });

  const moves: Record<string, () => FlowNode[]> = {
    moved: () => edited(flow, POLL, { x: 500, y: 500 }),
    renamed: () => edited(flow, POLL, { name: 'Renamed' }),
    'moved to another tab': () => movedTo(flow, SECOND_TAB.id),
  };
  for (const [title, moved] of Object.entries(moves)) {
    it(`goes on where it was when it is ${title}`, async () => {
      rig.seed(MANY);
      await rig.poll(POLL);
      await nodeRed.deploy(moved(), 'nodes');
      rig.change(3);
      assert.equal(await rig.poll(POLL), 1);
      await nodeRed.deploy(flow, 'flows');
      rig.change(4);
      assert.equal(await rig.poll(POLL), 1);
      await rig.assertExactlyOnce(POLL);
    });
  }

  const switches: Record<string, () => FlowNode[]> = {
    'its flow': () => edited(flow, TAB, { disabled: true }),
    'the node itself': () => edited(flow, POLL, { d: true }),
    'its server': () => edited(flow, SERVER, { d: true }),
  };
  for (const [title, disabled] of Object.entries(switches)) {
    for (const type of ['full', 'nodes'] as const) {
      it(`brings what it missed while ${title} was disabled (${type} deploys)`, async () => {
        rig.seed(MANY);
        await rig.poll(POLL);
        await nodeRed.deploy(disabled(), type);
        rig.change(5);
        rig.change(6);
        await nodeRed.deploy(flow, type);
        assert.equal(await rig.poll(POLL), 2);
        await rig.assertExactlyOnce(POLL);
      });
    }
  }

  it('loses and repeats nothing when its flow is disabled in a poll', async () => {
    rig.seed(MANY);
    await rig.beginPoll(POLL);
    await nodeRed.deploy(edited(flow, TAB, { disabled: true }), 'flows');
    rig.simulator.faults.clear();
    rig.change(1);
    await nodeRed.deploy(flow, 'flows');
    await rig.assertExactlyOnce(POLL);
  });

  it('goes on under the new name and zone of its server, edited in a poll', async () => {
    rig.seed(MANY);
    await rig.beginPoll(POLL);
    const changes = { name: 'Branch', timezone: 'Europe/Berlin' };
    await nodeRed.deploy(edited(flow, SERVER, changes), 'nodes');
    rig.simulator.faults.clear();
    rig.change(1);
    await rig.assertExactlyOnce(POLL);
    assert.equal(rig.sentBy(POLL).at(-1)?.instanceName, 'Branch');
    assert.deepEqual(rig.complaints(), []);
  });

  it('goes on once a password that was spoilt in a poll is right again', async () => {
    rig.seed(MANY);
    await rig.beginPoll(POLL);
    await nodeRed.deploy(withLogOn(flow, { ...LOG_ON, password: 'wrong' }), 'nodes');
    rig.simulator.faults.clear();
    assert.equal(await rig.poll(POLL), 0);
    assert.match(nodeRed.log.join('\n'), /refused/);
    rig.change(1);
    await nodeRed.deploy(withLogOn(flow), 'nodes');
    await rig.assertExactlyOnce(POLL);
  });
});
