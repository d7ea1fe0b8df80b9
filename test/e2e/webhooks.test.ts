import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import {
  startReceiver,
  type Delivery,
  type ReceiverAnswer,
  type WebhookReceiver,
} from '../simulator/webhook-receiver';
import { CallbackRig } from './support/callback-rig';
import { NodeRedProcess } from './support/node-red-process';
import { newUserDir } from './support/package';
import { describeOn } from './support/runtimes';

const SECOND = 1000;
/** Seconds for an answer: what is waited for, and what no answer takes on a busy machine. */
const [SHORT, LONG] = [3, 30];
/** The most that the buffers of two sockets take, by far. */
const BUFFERS = 50_000_000;

/** Answers that stand in the way of a delivery, and in how many tries it gets there. */
const PASSING: Readonly<Record<string, { answer: ReceiverAnswer; attempts: number }>> = {
  hangs: { answer: { hang: true }, attempts: 2 },
  'resets the connection': { answer: { reset: true }, attempts: 2 },
  'resets the connection in the middle of the headers': {
    answer: { reset: 'in headers' },
    attempts: 2,
  },
  'resets the connection once it has said 200': { answer: { reset: 'in body' }, attempts: 1 },
  'says 200 and lets the body trickle': {
    answer: { body: 'x'.repeat(1000), byteDelayMs: 50 },
    attempts: 1,
  },
  'answers 500': { answer: { status: 500 }, attempts: 2 },
  'answers 408': { answer: { status: 408 }, attempts: 2 },
};

/** Answers after which there is no other try. */
const FINAL: Readonly<Record<string, { status: number; code: string }>> = {
  'answers 404': { status: 404, code: 'DELIVERY_REFUSED' },
  'answers 304': { status: 304, code: 'REDIRECTED' },
};

// It asks nothing of the runtime here; the tests of the node run the same code on both.
describeOn('nodeRed5', 'a callback node', (runtime) => {
  let nodeRed: NodeRedProcess;
  let rig: CallbackRig;
  let receiver: WebhookReceiver;

  before('start Node-RED', async function () {
    this.timeout(180_000);
    nodeRed = await NodeRedProcess.start({ runtime: runtime(), userDir: await newUserDir() });
  });

  after(() => nodeRed.stop());

  beforeEach(async () => {
    rig = await CallbackRig.on(nodeRed);
    ({ receiver } = rig);
  });

  afterEach(() => rig.close());

  for (const [what, { answer, attempts }] of Object.entries(PASSING)) {
    it(`delivers to a receiver that ${what}`, async () => {
      receiver.respond = [answer];
      await rig.deploy({ timeout: answer.hang || answer.byteDelayMs ? SHORT : LONG });
      await rig.give(['1']);
      const [outcome] = await rig.outcomes(1);
      assert.deepEqual(outcome?.delivery, {
        ...{ status: 'delivered', statusCode: 200, attempts, id: 'event-1' },
      });
      assert.equal(receiver.deliveries.length, attempts);
      assertRepeats(receiver.deliveries);
    });
  }

  it('delivers to a receiver that was down', async () => {
    await rig.deploy();
    await receiver.goDown();
    await rig.give(['1']);
    await rig.untilStatus(/UNREACHABLE/);
    await receiver.comeUp();
    const [outcome] = await rig.outcomes(1);
    assert.equal(outcome?.delivery?.status, 'delivered');
    assert.ok(outcome.delivery.attempts > 1);
    assert.equal(receiver.deliveries.length, 1);
  });

  it('delivers to a receiver that ends the connection after each answer', async () => {
    const records = Array.from({ length: 20 }, (_, index) => `${index + 1}`);
    receiver.respond = () => ({ hangUp: true });
    await rig.deploy({ concurrency: 1 });
    await rig.give(records);
    const outcomes = await rig.outcomes(records.length);
    assert.ok(outcomes.every(({ delivery }) => delivery?.status === 'delivered'));
    // A request on a connection that has just ended is made anew, after those that waited behind it.
    assert.deepEqual(rig.received().sort(), records.sort());
  });

  it('reads no more than it must of an answer without end', async () => {
    receiver.respond = [{ hugeBytes: 1e9 }];
    await rig.deploy();
    await rig.give(['1']);
    const [outcome] = await rig.outcomes(1);
    assert.equal(outcome?.delivery?.status, 'delivered');
    const sent = (await receiver.deliveries[0]?.answered) ?? Infinity;
    assert.ok(sent < BUFFERS, `${sent}`);
  });

  for (const form of ['seconds', 'date'] as const) {
    it(`waits as long as a Retry-After asks that is written as ${form}`, async () => {
      // The schedule alone would try again at once; an HTTP date has no fractions.
      const asked = { seconds: () => '1', date: () => new Date(nextSecond()).toUTCString() };
      const tries: number[] = [];
      receiver.respond = () => {
        if (tries.push(performance.now()) > 1) return {};
        return { status: 429, headers: { 'retry-after': asked[form]() } };
      };
      await rig.deploy({ retries: '0s 0s' });
      await rig.give(['1']);
      const [outcome] = await rig.outcomes(1);
      assert.equal(outcome?.delivery?.attempts, 2);
      const [first = 0, second = 0] = tries;
      assert.ok(second - first >= SECOND, `${second - first}`);
    });
  }

  it('sends nothing more after a 410, until it is enabled', async () => {
    receiver.respond = [{ status: 410 }];
    await rig.deploy();
    await rig.give(['1']);
    await receiver.waitFor(1);
    await rig.untilStatus(/410/);
    await rig.give(['2']);
    await rig.deploy({ name: 'Renamed' });
    const status = await rig.ask<{ depth: number; gone: string[] }>('status');
    assert.deepEqual([status.depth, status.gone], [2, ['']]);
    assert.deepEqual(rig.received(), ['1']);

    await rig.ask('enable');
    await rig.outcomes(2);
    assert.deepEqual(rig.received().sort(), ['1', '1', '2']);
    assert.equal((await rig.ask<{ depth: number }>('status')).depth, 0);
  });

  for (const [what, { status, code }] of Object.entries(FINAL)) {
    it(`gives an event up at once when the receiver ${what}`, async () => {
      receiver.respond = [{ status }];
      await rig.deploy();
      await rig.give(['1', '2']);
      const [failed, delivered] = await inOrder(rig, 2);
      assert.equal(failed?.error?.code, code);
      const report = { status: 'failed', statusCode: status, attempts: 1, id: 'event-1' };
      const [letter] = await rig.letters();
      assert.deepEqual(failed.delivery, { ...report, letter: letter?.letter });
      assert.equal(letter?.reason.code, code);
      assert.equal(letter.message.event.objectId, '1');
      assert.equal(delivered?.delivery?.status, 'delivered');
      assert.deepEqual(rig.received(), ['1', '2']);
    });
  }

  it('follows no redirect, neither to an address inside the network nor to itself', async () => {
    const inside = await startReceiver();
    receiver.respond = ({ path }) => ({
      status: 307,
      headers: { location: path === '/inside' ? inside.url : receiver.url + path },
    });
    await rig.deploy({ allowUrlOverride: true });
    await rig.give(['1'], { url: `${receiver.url}/inside` });
    await rig.give(['2'], { url: `${receiver.url}/itself` });
    const outcomes = await rig.outcomes(2);
    await inside.close();
    assert.ok(outcomes.every(({ error }) => error?.code === 'REDIRECTED'));
    assert.equal(inside.deliveries.length, 0);
    assert.equal(receiver.deliveries.length, 2);
  });

  it('sends nothing into its own network unless that is allowed', async () => {
    await rig.deploy({ allowPrivate: false });
    await rig.give(['1']);
    const [outcome] = await rig.outcomes(1);
    assert.equal(outcome?.error?.code, 'ADDRESS_REFUSED');
    assert.equal(receiver.deliveries.length, 0);
  });

  it('gives an event up after its last try', async () => {
    receiver.respond = () => ({ status: 503 });
    await rig.deploy({ retries: '0s 0.1s' });
    await rig.give(['1']);
    const [outcome] = await rig.outcomes(1);
    assert.equal(outcome?.error?.code, 'DELIVERY_FAILED');
    assert.equal(outcome.delivery?.attempts, 2);
    assertRepeats(receiver.deliveries);
  });

  it('keeps the order of a record that is stuck, and lets the others pass', async () => {
    let isStuck = true;
    receiver.respond = ({ body }) => ({ status: isStuck && body.includes('"1.1"') ? 503 : 200 });
    await rig.deploy();
    await rig.give(['1.1', '1.2', '2', '3', '1.3']);
    await rig.outcomes(2);
    assert.deepEqual(new Set(rig.received()), new Set(['1.1', '2', '3']));
    isStuck = false;
    await rig.outcomes(5);
    const ofTheFirst = rig.received().filter((record) => record.startsWith('1.'));
    assert.deepEqual([...new Set(ofTheFirst)], ['1.1', '1.2', '1.3']);
    assert.deepEqual(ofTheFirst.slice(-2), ['1.2', '1.3']);
  });

  function nextSecond(): number {
    return Math.ceil(Date.now() / SECOND) * SECOND + SECOND;
  }
});

/** Outcomes in the order of the records that they are of. */
async function inOrder(rig: CallbackRig, count: number): ReturnType<CallbackRig['outcomes']> {
  const outcomes = await rig.outcomes(count);
  const idOf = ({ event }: (typeof outcomes)[number]): string => event?.objectId ?? '';
  return outcomes.sort((one, other) => idOf(one).localeCompare(idOf(other)));
}

/** Every try of a webhook has the same body and the same id. */
function assertRepeats(deliveries: readonly Delivery[]): void {
  const [first] = deliveries;
  for (const { body, headers } of deliveries) {
    assert.equal(body, first?.body);
    assert.equal(headers['elements-webhook-id'], first?.headers['elements-webhook-id']);
  }
}
