import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { startReceiver, type WebhookReceiver } from '../simulator/webhook-receiver';
import { drivenFlow, pollOnce } from './support/forwarding';
import { NodeRedProcess } from './support/node-red-process';
import { newUserDir } from './support/package';
import { describeOnEachRuntime } from './support/runtimes';
import { changeKey, eventsOf, idsByChange, untilDelivered } from './support/webhooks';

const USER = { username: 'crm-user', password: 'crm-pass' };
const HOUR = 3_600_000;
const BURST = 300;
const CONCURRENCY = 8;
/** So slow that most of the burst waits when the poll is over. */
const SLOW_MS = 200;

describeOnEachRuntime('a burst of webhooks', (runtime) => {
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
    const stamp = (index: number): number => Date.now() - HOUR + index * 1000;
    simulator.crm.many('company', BURST, {}, { stamp });
    receiver = await startReceiver();
  });

  afterEach(async () => {
    await nodeRed.deploy([]);
    await receiver.close();
    await simulator.close();
  });

  it('arrives in webhooks of up to ten events of one resource', async () => {
    simulator.crm.many('person', 15, {}, { stamp: Date.now() - HOUR });
    await deploy({ batchSize: 10, flushAfter: 0.2 });
    assert.equal(await pollOnce(nodeRed), BURST + 15);
    await untilDelivered(receiver, simulator.crm.commitLog);
    const webhooks = receiver.deliveries.map(eventsOf);
    for (const events of webhooks) {
      assert.ok(events.length <= 10);
      assert.equal(new Set(events.map(({ objectType }) => objectType)).size, 1);
      const dates = events.map(({ date }) => date);
      assert.deepEqual(dates, [...dates].sort());
    }
    assert.ok(webhooks.length < (BURST + 15) / 4, `${webhooks.length}`);
    assertExactlyOnce();
  });

  it('goes on after a restart, and repeats nothing', async () => {
    await begin();
    await nodeRed.stop();
    nodeRed = await start();
    await finish();
    assertExactlyOnce();
  });

  it('goes on after it was killed, and repeats at most what was under way', async () => {
    await begin();
    await nodeRed.kill();
    nodeRed = await start();
    await finish();
    const ids = idsByChange(receiver.deliveries);
    assert.deepEqual([...ids.keys()].sort(), changes());
    for (const [change, { size }] of ids) assert.equal(size, 1, change);
    const repeats = receiver.deliveries.length - BURST;
    assert.ok(repeats <= 2 * CONCURRENCY, `${repeats} repeats`);
  });

  function start(): Promise<NodeRedProcess> {
    return NodeRedProcess.start({ runtime: runtime(), userDir });
  }

  async function deploy(send: Record<string, unknown>): Promise<void> {
    await nodeRed.deploy(
      drivenFlow({
        ...{ crm: simulator.url, callback: receiver.url, signatureKey: 'key', ...USER },
        ...{ poll: { commit: 'acknowledged' }, send: { concurrency: CONCURRENCY, ...send } },
      }),
    );
  }

  /** Resolves with the burst handed over, and some of it delivered. */
  async function begin(): Promise<void> {
    receiver.respond = () => ({ delayMs: SLOW_MS });
    await deploy({});
    assert.equal(await pollOnce(nodeRed), BURST);
    await receiver.waitFor(2 * CONCURRENCY);
    assert.ok(receiver.deliveries.length < BURST - CONCURRENCY);
    receiver.respond = [];
  }

  async function finish(): Promise<void> {
    await untilDelivered(receiver, simulator.crm.commitLog);
    assert.equal(await pollOnce(nodeRed), 0);
  }

  function changes(): string[] {
    return simulator.crm.commitLog.map(changeKey).sort();
  }

  function assertExactlyOnce(): void {
    assert.deepEqual(receiver.deliveries.flatMap(eventsOf).map(changeKey).sort(), changes());
  }
});
