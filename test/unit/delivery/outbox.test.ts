import assert from 'node:assert/strict';
import { DEFAULT_SCHEDULE } from '../../../src/config/retry-schedule';
import { Outbox } from '../../../src/delivery/outbox';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { OWN_URL, OutboxRig, type Answer, type RigOptions } from './support/outbox-rig';
import { sampleMessage as sample } from './support/sample';

const OTHER = 'https://other.example/hook';
const HOUR = 3_600_000;

function never(): never {
  throw new Error('not expected');
}

describe('Outbox', () => {
  let rig: OutboxRig;

  afterEach(async () => {
    await rig.close();
  });

  async function start(options: RigOptions = {}): Promise<void> {
    rig = await OutboxRig.start(options);
  }

  /** Answers by the first event of each webhook. */
  function answers(byEvent: Readonly<Record<string, Answer>>, other: Answer = 200): void {
    rig.respond = ({ events }) => byEvent[events[0] ?? ''] ?? other;
  }

  describe('taking', () => {
    it('delivers an event and tells so once its removal is stored', async () => {
      await start();
      const depths: number[] = [];
      rig.outcomes.push = (...outcomes) => {
        depths.push(rig.store.depth);
        return Array.prototype.push.apply(rig.outcomes, outcomes);
      };
      await rig.takeAll('a');
      assert.deepEqual(depths, [0]);
      const [outcome] = rig.outcomes;
      assert.ok(outcome?.status === 'delivered');
      assert.equal(outcome.entry.message.event.eventId, 'a');
      const { statusCode, attempts, id } = outcome;
      assert.deepEqual({ statusCode, attempts, id }, { statusCode: 200, attempts: 1, id: 'a' });
      assert.equal(rig.posted[0]?.url, OWN_URL);
      assert.equal(rig.posted[0].headers['X-Own'], 'own');
    });

    it('takes an event that waits already only once', async () => {
      await start();
      answers({ a: 503 });
      await rig.takeAll('a', 'a');
      await rig.takeAll('a');
      assert.equal(rig.store.depth, 1);
      await rig.takeAll({ id: 'a', target: OTHER });
      assert.equal(rig.store.depth, 2, 'another target is another delivery');
    });

    it('takes an event again that was delivered', async () => {
      await start();
      await rig.takeAll('a');
      await rig.takeAll('a');
      assert.deepEqual(rig.takePosted(), ['a', 'a']);
    });

    it('takes nothing once it is closed', async () => {
      await start();
      const { outbox } = rig;
      await rig.restart();
      const item = { message: sample(), target: '', instanceId: 'p' };
      await assert.rejects(outbox.take(item), { code: 'ABORTED' });
    });
  });

  describe('order', () => {
    it('keeps the order of a record, and lets no other record wait for it', async () => {
      await start();
      answers({ a1: 503 });
      await rig.takeAll(
        { id: 'a1', record: 'a' },
        { id: 'a2', record: 'a' },
        { id: 'b1', record: 'b' },
        { id: 'a3', record: 'a' },
        { id: 'c1', record: 'c' },
      );
      assert.deepEqual(rig.takePosted(), ['a1', 'b1', 'c1']);
      rig.respond = () => 200;
      await rig.advance(5_000);
      assert.deepEqual(rig.takePosted(), ['a1', 'a2', 'a3']);
    });

    it('tells records of one id apart by their resource and their target', async () => {
      await start();
      rig.respond = () => 'hang';
      await rig.takeAll(
        { id: '1', record: 'r' },
        { id: '2', record: 'r', type: 'contacts' },
        { id: '3', record: 'r', target: OTHER },
        { id: '4', record: 'r' },
      );
      assert.deepEqual(rig.takePosted().sort(), ['1', '2', '3']);
    });

    it('has no more requests under way than it may', async () => {
      await start({ concurrency: 3 });
      rig.respond = () => 'hang';
      await rig.takeAll(...Array.from({ length: 20 }, (_, index) => `e${index}`));
      assert.equal(rig.transport.underWay, 3);
      assert.equal((await rig.outbox.status()).inFlight, 3);
    });

    it('spaces out its webhooks, and each carries the time at which it goes', async () => {
      await start({ rateLimit: 2 });
      await rig.takeAll('a', 'b', 'c');
      const began = rig.clock.now();
      await rig.advance(499);
      assert.deepEqual(rig.takePosted(), ['a']);
      await rig.advance(1);
      await rig.advance(500);
      assert.deepEqual(
        rig.posted.map(({ headers }) => headers['webhook-timestamp']),
        [500, 1_000].map((ms) => String((began + ms) / 1000)),
      );
      assert.equal(rig.outcomes.length, 3);
    });

    it('leaves what waits for its turn to the next run', async () => {
      await start({ rateLimit: 0.01 });
      await rig.takeAll('a', 'b', 'c');
      assert.equal(await rig.outbox.close(), 2);
      assert.deepEqual(rig.clock.pending(), []);
    });

    it('delivers a backlog of one record, taken while it was stuck, in order', async () => {
      await start();
      answers({ e0: 503 });
      const ids = Array.from({ length: 200 }, (_, index) => `e${index}`);
      await rig.takeAll(...ids.map((id) => ({ id, record: 'r' })));
      rig.takePosted();
      rig.respond = () => 200;
      await rig.advance(5_000);
      assert.deepEqual(rig.takePosted(), ids);
    });

    it('gives a second target its turn while the first has a backlog', async () => {
      await start({ concurrency: 1 });
      const backlog = Array.from({ length: 150 }, (_, index) => `b${index}`);
      await rig.takeAll(...backlog, { id: 'x', target: OTHER });
      assert.ok(rig.takePosted().indexOf('x') < 20);
      assert.equal(rig.store.depth, 0);
    });
  });

  describe('retries', () => {
    it('tries ten times over the whole schedule, and then gives up', async () => {
      await start();
      rig.respond = () => 503;
      await rig.takeAll('a');
      for (const step of DEFAULT_SCHEDULE.slice(1)) {
        const before = rig.posted.length;
        await rig.advance(step - 1);
        assert.equal(rig.posted.length, before);
        await rig.advance(1);
        assert.equal(rig.posted.length, before + 1);
      }
      const start0 = rig.posted[0]?.at ?? 0;
      assert.equal((rig.posted.at(-1)?.at ?? 0) - start0, ((75 * 60 + 35) * 60 + 5) * 1000);
      assert.equal(new Set(rig.posted.map(({ body }) => body)).size, 1);
      assert.equal(new Set(rig.posted.map(({ headers }) => headers['webhook-timestamp'])).size, 10);
      const [outcome] = rig.outcomes;
      assert.ok(outcome?.status === 'failed');
      assert.equal(outcome.error.code, 'DELIVERY_FAILED');
      assert.equal(outcome.attempts, 10);
      assert.equal(outcome.statusCode, 503);
      const [letter] = await rig.outbox.deadLetters({ order: 'newest', limit: 10 });
      assert.equal(letter?.letter, outcome.letter);
      assert.equal(letter.reason.code, 'DELIVERY_FAILED');
      assert.equal(letter.reason.statusCode, 503);
      assert.equal(letter.attempts, 10);
      assert.equal(letter.event.message.event.eventId, 'a');
      assert.deepEqual(
        rig.retries.map(({ attempt }) => attempt),
        [2, 3, 4, 5, 6, 7, 8, 9, 10],
      );
    });

    for (const answer of [408, 425, 429, 500, 502, 503, 504, 'reset'] as const) {
      it(`tries again after ${answer}`, async () => {
        await start({ schedule: [0, 1_000] });
        rig.respond = () => answer;
        await rig.takeAll('a');
        rig.respond = () => 204;
        await rig.advance(1_000);
        assert.deepEqual(rig.takePosted(), ['a', 'a']);
        assert.equal(rig.outcomes[0]?.status, 'delivered');
        assert.equal(rig.outcomes[0].attempts, 2);
      });
    }

    for (const status of [301, 307, 400, 401, 404, 413, 422]) {
      it(`gives up at once after ${status}`, async () => {
        await start();
        rig.respond = () => status;
        await rig.takeAll('a');
        assert.equal(rig.outcomes[0]?.status, 'failed');
        assert.equal(rig.outcomes[0].statusCode, status);
        assert.equal(rig.outcomes[0].attempts, 1);
        assert.equal((await rig.outbox.status()).dead, 1);
      });
    }

    for (const status of [429, 503]) {
      it(`comes back after ${status} no sooner than Retry-After says`, async () => {
        await start();
        rig.respond = () => ({ status, retryAfter: '60' });
        await rig.takeAll('a');
        await rig.advance(59_999);
        assert.equal(rig.posted.length, 1);
        await rig.advance(1);
        assert.equal(rig.posted.length, 2);
      });
    }

    it('gives up what nothing can be sent to', async () => {
      await start();
      await rig.takeAll({ id: 'a', target: 'ftp://receiver.example/' });
      assert.equal(rig.posted.length, 0);
      const [outcome] = rig.outcomes;
      assert.ok(outcome?.status === 'failed');
      assert.equal(outcome.error.code, 'INPUT_INVALID');
      assert.equal(outcome.attempts, 0);
    });

    it('waits before the first try when the schedule says so', async () => {
      await start({ schedule: [2_000, 1_000] });
      await rig.takeAll('a');
      assert.equal(rig.posted.length, 0);
      await rig.advance(2_000);
      assert.equal(rig.posted.length, 1);
    });

    it('needs a schedule with a step', async () => {
      await start();
      const { store, transport, clock } = rig;
      const envelope = { format: 'open-connectors', maxEvents: 1, render: never } as const;
      const options = { store, transport, clock, random: never, schedule: [] };
      assert.throws(
        () => new Outbox({ ...options, envelope, endpointFor: never }),
        (error) => error instanceof SageCrmError && error.code === 'CONFIG_INVALID',
      );
    });
  });

  describe('restarts', () => {
    it('remembers tries and due times', async () => {
      await start();
      rig.respond = () => 503;
      await rig.takeAll('a');
      await rig.advance(5_000);
      await rig.advance(100_000);
      await rig.restart();
      assert.equal(rig.posted.length, 2);
      await rig.advance(199_999);
      assert.equal(rig.posted.length, 2);
      await rig.advance(1);
      assert.equal(rig.posted.length, 3);
      assert.equal(rig.retries.at(-1)?.attempt, 4);
    });

    it('makes a try at once that fell due meanwhile', async () => {
      await start();
      rig.respond = () => 503;
      await rig.takeAll('a');
      await rig.outbox.close();
      rig.clock.step(HOUR);
      await rig.restart();
      assert.equal(rig.posted.length, 2);
    });

    it('waits no longer than the step when the wall clock was set back', async () => {
      await start();
      rig.respond = () => 503;
      await rig.takeAll('a');
      rig.clock.step(-1_000 * HOUR);
      await rig.restart();
      await rig.advance(4_999);
      assert.equal(rig.posted.length, 1);
      await rig.advance(1);
      assert.equal(rig.posted.length, 2);
    });

    it('does not follow steps of the wall clock while it runs', async () => {
      await start();
      rig.respond = () => 503;
      await rig.takeAll('a');
      rig.clock.step(1_000 * HOUR);
      await rig.advance(4_999);
      assert.equal(rig.posted.length, 1);
      rig.clock.step(-2_000 * HOUR);
      await rig.advance(1);
      assert.equal(rig.posted.length, 2);
    });

    it('delivers after a kill what was taken before it, with the same id and body', async () => {
      await start();
      rig.respond = () => 'hang';
      await rig.takeAll('a', 'b');
      const before = rig.posted.splice(0).map(({ body }) => body);
      rig.respond = () => 200;
      rig.clock.step(12_345);
      await rig.crash();
      assert.deepEqual(rig.posted.map(({ body }) => body).sort(), before.sort());
      assert.equal(rig.store.depth, 0);
    });

    it('tells when it closes how many events wait, and leaves no timer behind', async () => {
      await start();
      answers({ a: 503, b: 'hang' });
      await rig.takeAll('a', 'b', 'c');
      assert.equal(await rig.outbox.close(), 2);
      assert.deepEqual(rig.clock.pending(), []);
      assert.equal(rig.transport.isClosed, true);
      await rig.restart();
      assert.deepEqual(rig.takePosted(), ['a', 'b', 'c', 'b']);
    });

    it('lets requests under way end while it closes, as long as it may', async () => {
      await start();
      let answer = (): void => undefined;
      rig.transport.post = () =>
        new Promise((resolve) => {
          answer = () => {
            resolve({ statusCode: 200, hint: {} });
          };
        });
      await rig.takeAll('a');
      const closing = rig.outbox.close(3_000);
      answer();
      assert.equal(await closing, 0);
      assert.equal(rig.outcomes.length, 1);
    });

    it('ends requests that take longer than it may wait', async () => {
      await start();
      rig.respond = () => 'hang';
      await rig.takeAll('a');
      const closing = rig.outbox.close(3_000);
      await rig.clock.advance(3_000);
      assert.equal(await closing, 1);
    });
  });

  describe('batches', () => {
    const batching = { maxEvents: 10, batchSize: 3 };

    it('puts waiting events of one resource, target and poll node together', async () => {
      await start({ ...batching, concurrency: 1 });
      await rig.takeAll(
        'a',
        'b',
        { id: 'x', type: 'contacts' },
        { id: 'y', target: OTHER },
        { id: 'z', instanceId: 'poll-2' },
        'c',
        'd',
      );
      assert.deepEqual(rig.takePosted().sort(), ['a+b+c', 'd', 'x', 'y', 'z']);
      assert.equal(rig.outcomes.length, 7);
      assert.equal(new Set(rig.outcomes.map(({ id }) => id)).size, 5);
    });

    it('never makes a webhook larger than its format lets it be', async () => {
      await start({ maxEvents: 2, batchSize: 10, concurrency: 1 });
      await rig.takeAll('a', 'b', 'c');
      assert.deepEqual(rig.takePosted(), ['a+b', 'c']);
    });

    it('puts several changes of one record into one webhook, in order', async () => {
      await start(batching);
      await rig.takeAll(
        { id: '1', record: 'r' },
        { id: '2', record: 'r' },
        { id: '3', record: 'r' },
      );
      assert.deepEqual(rig.takePosted(), ['1+2+3']);
    });

    it('waits for more events as long as it may', async () => {
      await start({ ...batching, flushMs: 2_000 });
      await rig.takeAll('a');
      await rig.advance(1_500);
      await rig.takeAll('b');
      assert.deepEqual(rig.takePosted(), []);
      await rig.advance(500);
      assert.deepEqual(rig.takePosted(), ['a+b']);
      await rig.takeAll('c', 'd', 'e');
      assert.deepEqual(rig.takePosted(), ['c+d+e']);
      assert.deepEqual(
        rig.clock.pending().filter((ms) => ms <= 2_000 && ms > 200),
        [],
      );
    });

    for (const how of ['restart', 'crash'] as const) {
      it(`keeps the composition, the id and the body over a ${how}`, async () => {
        await start({ ...batching, concurrency: 1 });
        rig.respond = () => 'hang';
        await rig.takeAll('a', 'b');
        const [before] = rig.posted.splice(0);
        await rig.takeAll('c');
        rig.clock.step(60_000);
        rig.respond = () => 200;
        await rig[how]();
        assert.equal(rig.posted[0]?.body, before?.body);
        assert.deepEqual(rig.takePosted(), ['a+b', 'c']);
      });
    }

    it('delivers the others when one is refused, and gives up that one alone', async () => {
      await start(batching);
      rig.respond = ({ events }) => (events.includes('b') ? 422 : 200);
      await rig.takeAll('a', 'b', 'c');
      assert.deepEqual(rig.takePosted().sort(), ['a', 'a+b+c', 'b', 'c']);
      const failed = rig.outcomes.filter(({ status }) => status === 'failed');
      assert.deepEqual(
        failed.map(({ entry }) => entry.message.event.eventId),
        ['b'],
      );
    });

    it('loses none when webhooks of an earlier run are refused before the queue is read', async () => {
      await start({ maxEvents: 10, batchSize: 2, concurrency: 80 });
      rig.respond = () => 'hang';
      const ids = Array.from({ length: 160 }, (_, index) => `e${index}`);
      await rig.takeAll(...ids);
      rig.takePosted();
      rig.respond = ({ events }) => (events.length > 1 ? 422 : 200);
      await rig.restart({ concurrency: 1 });
      assert.equal(rig.outcomes.length, 160);
      assert.equal(rig.store.depth, 0);
    });

    it('sends the events apart after two faults of the receiver, and keeps them so', async () => {
      await start(batching);
      rig.respond = ({ events }) => (events.includes('b') ? 500 : 200);
      await rig.takeAll('a', 'b', 'c');
      assert.deepEqual(rig.takePosted(), ['a+b+c']);
      await rig.advance(5_000);
      assert.deepEqual(rig.takePosted().sort(), ['a', 'a+b+c', 'b', 'c']);
      await rig.takeAll('d');
      rig.respond = () => 200;
      await rig.restart();
      await rig.advance(5_000);
      assert.deepEqual(rig.takePosted(), ['d', 'b']);
    });

    it('keeps a webhook together while the receiver is not there', async () => {
      await start(batching);
      rig.respond = () => 503;
      await rig.takeAll('a', 'b');
      await rig.advance(5_000);
      await rig.advance(300_000);
      assert.deepEqual(rig.takePosted(), ['a+b', 'a+b', 'a+b']);
    });

    it('sends apart what a smaller format cannot carry any more', async () => {
      await start(batching);
      rig.respond = () => 'hang';
      await rig.takeAll('a', 'b');
      rig.takePosted();
      rig.respond = () => 200;
      await rig.restart({ maxEvents: 1 });
      assert.deepEqual(rig.takePosted(), ['a', 'b']);
    });

    it('gives up all events of a webhook whose last try has failed', async () => {
      await start({ ...batching, schedule: [0, 1_000] });
      rig.respond = () => 503;
      await rig.takeAll('a', 'b');
      await rig.advance(1_000);
      assert.deepEqual(
        rig.outcomes.map(({ status, attempts }) => [status, attempts]),
        [
          ['failed', 2],
          ['failed', 2],
        ],
      );
    });
  });

  describe('circuit breaker', () => {
    const ids = Array.from({ length: 30 }, (_, index) => `e${index}`);

    it('stops a failing target after five tries, and probes it with one', async () => {
      await start({ concurrency: 1 });
      rig.respond = () => 503;
      await rig.takeAll(...ids);
      assert.equal(rig.posted.length, 5);
      assert.equal((await rig.outbox.status()).breaker, 'open');
      await rig.advance(29_999);
      assert.equal(rig.posted.length, 5);
      await rig.advance(1);
      assert.equal(rig.posted.length, 6, 'the first that is due again');
      assert.deepEqual(rig.posted.at(-1)?.events, ['e0']);
      assert.equal(rig.retries.at(-1)?.attempt, 3);
      await rig.advance(59_999);
      assert.equal(rig.posted.length, 6);
      rig.respond = () => 200;
      await rig.advance(1);
      assert.equal((await rig.outbox.status()).breaker, 'closed');
      await rig.advance(300_000);
      assert.equal(rig.store.depth, 0);
    });

    it('sends exactly one probe, however many wait', async () => {
      await start({ concurrency: 8 });
      rig.respond = () => 429;
      await rig.takeAll(...ids);
      const before = rig.posted.length;
      assert.ok(before <= 12, 'those under way when it opened');
      rig.respond = () => 'hang';
      await rig.advance(30_000);
      assert.equal(rig.posted.length, before + 1);
      assert.equal((await rig.outbox.status()).breaker, 'half-open');
    });

    it('keeps to itself what it holds against a target', async () => {
      await start({ concurrency: 1 });
      rig.respond = ({ url }) => (url === OTHER ? 200 : 503);
      await rig.takeAll(...ids);
      rig.takePosted();
      await rig.takeAll({ id: 'x', target: OTHER });
      assert.deepEqual(rig.takePosted(), ['x']);
    });

    it('takes a refusal for a sign of life', async () => {
      await start({ concurrency: 1 });
      rig.respond = ({ events }) => (events[0] === 'e4' ? 400 : 503);
      await rig.takeAll(...ids.slice(0, 9));
      assert.equal(rig.posted.length, 9);
    });
  });

  describe('a target that wants nothing any more', () => {
    it('gets nothing until it is enabled again, and loses nothing', async () => {
      await start({ concurrency: 1 });
      rig.respond = () => 410;
      await rig.takeAll('a', 'b');
      assert.deepEqual(rig.takePosted(), ['a']);
      assert.equal(rig.warnings.length, 1);
      assert.equal(rig.warnings[0]?.details.statusCode, 410);
      await rig.takeAll('c');
      await rig.restart();
      await rig.advance(100 * HOUR);
      assert.deepEqual(rig.takePosted(), []);
      const { gone, depth } = await rig.outbox.status();
      assert.deepEqual({ gone, depth }, { gone: [''], depth: 3 });
      rig.respond = () => 200;
      await rig.outbox.enable('');
      await rig.settle();
      assert.deepEqual(rig.takePosted(), ['a', 'b', 'c']);
      assert.deepEqual(
        rig.outcomes.map(({ attempts }) => attempts),
        [1, 1, 1],
      );
      await rig.restart();
      assert.deepEqual((await rig.outbox.status()).gone, []);
    });

    it('does not hold up another', async () => {
      await start();
      rig.respond = ({ url }) => (url === OTHER ? 410 : 200);
      await rig.takeAll({ id: 'x', target: OTHER }, 'a');
      await rig.takeAll({ id: 'y', target: OTHER }, 'b');
      assert.deepEqual(rig.takePosted().sort(), ['a', 'b', 'x']);
    });
  });

  describe('dead letters', () => {
    it('are delivered once more with all tries before them', async () => {
      await start({ schedule: [0, 1_000] });
      rig.respond = () => 400;
      await rig.takeAll('a', 'b', 'c');
      const [first, second] = await rig.outbox.deadLetters({ order: 'oldest', limit: 2 });
      assert.ok(first !== undefined && second !== undefined);
      rig.takePosted();
      rig.respond = () => 503;
      assert.equal(await rig.outbox.replayDead([first.letter, 99]), 1);
      await rig.settle();
      rig.respond = () => 200;
      await rig.advance(1_000);
      assert.deepEqual(rig.takePosted(), ['a', 'a']);
      assert.equal(rig.outcomes.at(-1)?.attempts, 2);
      assert.equal(await rig.outbox.replayDead(), 2);
      await rig.settle();
      assert.equal(rig.store.depth + rig.store.letters.count, 0);
    });

    it('are new events to their receiver, with the same id and the time of the replay', async () => {
      await start({ schedule: [0, 1_000] });
      rig.respond = () => 301;
      await rig.takeAll('a');
      await rig.advance(2_400_000);
      rig.respond = () => 500;
      await rig.outbox.replayDead();
      await rig.settle();
      const replayedAt = rig.clock.now();
      await rig.advance(1_000);
      const [first, ...tries] = rig.posted.map(({ id, now }) => ({ id, now }));
      assert.deepEqual(first, { id: 'a', now: replayedAt - 2_400_000 });
      assert.deepEqual(tries, [
        { id: 'a', now: replayedAt },
        { id: 'a', now: replayedAt },
      ]);
    });

    it('can be dropped', async () => {
      await start();
      rig.respond = () => 400;
      await rig.takeAll('a', 'b', 'c');
      const [newest] = await rig.outbox.deadLetters({ order: 'newest', limit: 1 });
      assert.equal(await rig.outbox.dropDead([newest?.letter ?? 0]), 1);
      assert.equal(await rig.outbox.dropDead(), 2);
      assert.equal((await rig.outbox.status()).dead, 0);
    });

    it('are not taken twice when the event waits again', async () => {
      await start();
      rig.respond = () => 400;
      await rig.takeAll('a');
      rig.respond = () => 'hang';
      await rig.takeAll('a');
      await rig.outbox.replayDead();
      assert.equal(rig.store.depth, 1);
      assert.equal(rig.store.letters.count, 0);
    });
  });

  describe('status', () => {
    it('tells the depth, the age of the oldest and the dead letters', async () => {
      await start();
      answers({ a: 503, b: 400 });
      const takenAt = rig.clock.now();
      await rig.takeAll('a');
      await rig.advance(1_000);
      await rig.takeAll('b', 'c');
      assert.deepEqual(await rig.outbox.status(), {
        depth: 1,
        oldestAt: takenAt,
        inFlight: 0,
        dead: 1,
        breaker: 'closed',
        gone: [],
      });
      await rig.advance(200);
      assert.deepEqual(rig.statuses.at(-1), await rig.outbox.status());
    });
  });

  describe('a store that fails', () => {
    it('is asked again until it works, with no second delivery', async () => {
      await start();
      const fault = new SageCrmError('STATE_IO', 'the disk is full', 'make room');
      let left = 2;
      const remove = rig.store.remove.bind(rig.store);
      rig.store.remove = (entries) => (left-- > 0 ? Promise.reject(fault) : remove(entries));
      await rig.takeAll('a');
      assert.equal(rig.outcomes.length, 0);
      await rig.advance(5_000);
      await rig.advance(5_000);
      assert.equal(rig.outcomes.length, 1);
      assert.deepEqual(rig.takePosted(), ['a']);
      assert.deepEqual(rig.errors, [fault, fault]);
    });

    it('stops all deliveries when it cannot be understood, and takes nothing more', async () => {
      await start();
      const fault = new SageCrmError('STATE_CORRUPT', 'damaged', 'restore it');
      rig.store.read = () => Promise.reject(fault);
      await rig.takeAll('a', 'b');
      assert.deepEqual(rig.errors, [fault]);
      assert.equal(rig.posted.length, 0);
      await assert.rejects(rig.take({ id: 'c' }), fault);
      assert.equal(rig.store.depth, 2);
    });

    it('is not held up by a listener that throws', async () => {
      await start({
        onOutcome: () => {
          throw new Error('listener');
        },
      });
      await rig.takeAll('a');
      await rig.takeAll('b');
      assert.deepEqual(rig.takePosted(), ['a', 'b']);
      assert.equal(rig.errors.length, 2);
    });
  });
});
