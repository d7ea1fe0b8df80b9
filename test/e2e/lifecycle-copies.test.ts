import assert from 'node:assert/strict';
import type { RecordedRequest } from '../simulator/simulator';
import {
  basis,
  buttonOf,
  edited,
  POLL,
  pollFlow,
  pollNode,
  surroundings,
  TAB,
  without,
  withLogOn,
} from './support/lifecycle-flow';
import { stateFolders } from './support/clean-slate';
import { LifecycleRig, newest } from './support/lifecycle-rig';
import { NodeRedProcess, type FlowNode } from './support/node-red-process';
import { newUserDir } from './support/package';
import { describeOnEachRuntime } from './support/runtimes';

/** Three pages of records. */
const MANY = 50;
const OTHER = 'other';
const TEMPLATE = 'template';
/** A poll about every 60 ms. */
const OFTEN = 0.001;

describeOnEachRuntime('poll nodes beside each other', (runtime) => {
  let nodeRed: NodeRedProcess;
  let userDir: string;
  let rig: LifecycleRig;

  before('start Node-RED', async function () {
    this.timeout(180_000);
    userDir = await newUserDir();
    nodeRed = await NodeRedProcess.start({ runtime: runtime(), userDir });
  });

  after(() => nodeRed.stop());

  beforeEach(async () => {
    rig = await LifecycleRig.around(nodeRed, userDir);
    rig.seed(MANY);
  });

  afterEach(() => rig.close());

  describe('a node that is copied', () => {
    it('has state of its own and leaves that of the first alone', async () => {
      const flow = pollFlow(rig.addresses);
      await nodeRed.deploy(withLogOn(flow));
      await rig.poll(POLL);
      rig.change(1);
      assert.equal(await rig.poll(POLL), 1);

      await nodeRed.deploy([...flow, ...another()], 'nodes');
      const known = newest(rig.simulator.crm.commitLog);
      assert.equal(await rig.poll(OTHER), MANY);
      assert.equal(await rig.poll(POLL), 0);
      await rig.assertExactlyOnce(POLL);
      await rig.assertExactlyOnce(OTHER, [...known, ...rig.simulator.crm.commitLog.slice(-1)]);
      assert.deepEqual(stateFolders(rig.userDir), [OTHER, POLL]);
    });
  });

  describe('a node that is deleted', () => {
    let flow: FlowNode[];

    beforeEach(async () => {
      flow = [...pollFlow(rig.addresses), ...another()];
      await nodeRed.deploy(withLogOn(flow));
      await rig.poll(POLL);
      await rig.poll(OTHER);
    });

    for (const type of ['full', 'nodes', 'flows'] as const) {
      it(`takes its state along, and starts afresh when it comes back (${type})`, async () => {
        await nodeRed.deploy(without(flow, POLL), type);
        assert.deepEqual(stateFolders(rig.userDir), [OTHER]);
        await nodeRed.deploy(flow, type);
        assert.equal(await rig.poll(POLL), MANY);
        assert.equal(await rig.poll(OTHER), 0);
      });
    }

    it('takes its state along in the middle of a poll', async () => {
      rig.change(1);
      rig.simulator.crm.many('company', MANY);
      await rig.beginPoll(POLL);
      await nodeRed.deploy(without(flow, POLL), 'nodes');
      assert.deepEqual(stateFolders(rig.userDir), [OTHER]);
    });

    it('takes its state along when it was disabled before', async () => {
      await nodeRed.deploy(edited(flow, POLL, { d: true }), 'nodes');
      assert.deepEqual(stateFolders(rig.userDir), [OTHER, POLL]);
      await nodeRed.deploy(without(flow, POLL), 'nodes');
      assert.deepEqual(stateFolders(rig.userDir), [OTHER]);
    });

    it('takes its state along when it goes with a flow that was disabled before', async () => {
      await nodeRed.deploy(edited(flow, TAB, { disabled: true }), 'flows');
      assert.deepEqual(stateFolders(rig.userDir), [OTHER, POLL]);
      await nodeRed.deploy(
        flow.filter(({ id, z }) => id !== TAB && z !== TAB),
        'flows',
      );
      assert.deepEqual(stateFolders(rig.userDir), []);
    });
  });

  describe('in a subflow with two instances', () => {
    const [ONE, TWO] = ['one', 'two'];
    const INNER = 'inner';
    let flow: FlowNode[];

    beforeEach(async () => {
      flow = [
        ...basis(rig.addresses.crm),
        ...template(),
        ...[ONE, TWO].flatMap((id) => [instance(id), ...surroundings(id, rig.addresses.receiver)]),
      ];
      await nodeRed.deploy(withLogOn(flow));
    });

    it('has state of its own in each', async () => {
      assert.equal(await rig.poll(ONE), MANY);
      rig.change(1);
      assert.equal(await rig.poll(TWO), MANY);
      assert.equal(await rig.poll(ONE), 1);
      await nodeRed.deploy(edited(flow, ONE, { name: 'Renamed' }));
      rig.change(2);
      assert.equal(await rig.poll(ONE), 1);
      assert.equal(await rig.poll(TWO), 1);
      await rig.assertExactlyOnce(ONE, rig.simulator.crm.commitLog, `${ONE}-${INNER}`);
    });

    it('loses the state of the instance that is deleted, no other', async () => {
      await rig.poll(ONE);
      await rig.poll(TWO);
      assert.deepEqual(stateFolders(rig.userDir), [`${ONE}-${INNER}`, `${TWO}-${INNER}`]);
      await nodeRed.deploy(without(flow, TWO), 'nodes');
      assert.deepEqual(stateFolders(rig.userDir), [`${ONE}-${INNER}`]);
      assert.equal(await rig.poll(ONE), 0);
      await nodeRed.deploy(flow, 'nodes');
      assert.equal(await rig.poll(TWO), MANY);
      assert.equal(await rig.poll(ONE), 0);
    });

    it('loses its state everywhere when it is deleted from the subflow', async () => {
      await rig.poll(ONE);
      await rig.poll(TWO);
      await nodeRed.deploy(without(flow, INNER));
      assert.deepEqual(stateFolders(rig.userDir), []);
    });

    function template(): FlowNode[] {
      const port = (index: number): object => ({
        x: 400,
        y: 100,
        wires: [{ id: INNER, port: index }],
      });
      return [
        {
          ...{ id: TEMPLATE, type: 'subflow', name: 'Poll' },
          in: [{ x: 50, y: 100, wires: [{ id: INNER }] }],
          out: [port(0), port(1)],
        },
        { ...pollNode(INNER, { tab: TEMPLATE }), wires: [[], []] },
      ];
    }

    function instance(id: string): FlowNode {
      return { ...pollNode(id), type: `subflow:${TEMPLATE}` };
    }
  });

  describe('that poll one entity more often than the server answers (S16, S17)', () => {
    it('never meet their own poll, and each learns of everything once', async () => {
      const busiest = watchRequests();
      const after = nodeRed.log.length;
      await nodeRed.deploy(
        withLogOn([
          ...pollFlow(rig.addresses, { interval: OFTEN }),
          ...another({ interval: OFTEN, pageSize: 21 }),
        ]),
      );
      await Promise.all([rig.finished(POLL, after), rig.finished(OTHER, after)]);
      rig.simulator.faults.when(isOf(20), { kind: 'hang' });
      await rig.untilAsked(isOf(20));
      rig.change(1);
      await nodeRed.inject(buttonOf(POLL));
      await rig.finished(OTHER, nodeRed.log.length, 5);
      await nodeRed.inject(buttonOf(POLL));
      rig.change(2);
      await rig.finished(OTHER, nodeRed.log.length, 5);
      rig.simulator.faults.clear();
      await rig.assertExactlyOnceByItself(POLL, OTHER);
      assert.deepEqual(Object.fromEntries(busiest), { 20: 1, 21: 1 });
    });

    /** By size of the page, which tells the nodes apart: how many requests were under way at most. */
    function watchRequests(): Map<string, number> {
      const most = new Map<string, number>();
      const { simulator } = rig;
      simulator.onRequest(({ query: { pageSize = '' } }) => {
        const isOpen = ({ query, status }: RecordedRequest): boolean =>
          query.pageSize === pageSize && status === 0;
        const open = simulator.requests.filter(isOpen).length;
        most.set(pageSize, Math.max(open, most.get(pageSize) ?? 0));
      });
      return most;
    }

    function isOf(pageSize: number): (request: RecordedRequest) => boolean {
      return ({ query }) => query.pageSize === String(pageSize);
    }
  });

  function another(options = {}): FlowNode[] {
    return [pollNode(OTHER, options), ...surroundings(OTHER, rig.addresses.receiver)];
  }
});
