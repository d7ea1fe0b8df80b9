import assert from 'node:assert/strict';
import { OutboxDesk, type DeskOptions, type OpenOutbox } from './outbox-desk';

const OTHER = 'https://other.example/hook';

/** Far longer than a test may take: what goes sooner has not waited. */
const VERY_LONG_MS = 600_000;

/** Longer than handing in a few events takes on a busy machine. */
const FLUSH_MS = 1_000;

/** How every outbox puts several events into one webhook, wherever it keeps them. */
export function itPutsEventsTogether(openNext: () => Promise<OpenOutbox>): void {
  const batching = { maxEvents: 10, batchSize: 3, flushMs: FLUSH_MS };
  let desk: OutboxDesk;

  beforeEach(async () => {
    desk = new OutboxDesk(await openNext());
  });

  afterEach(async () => {
    await desk.outbox.close();
  });

  async function restart(options: DeskOptions): Promise<void> {
    await desk.outbox.close();
    await desk.start(options);
  }

  /** Each event where it came first, in the order of coming. */
  function firstOf(record: string): string[] {
    const all = desk.ids.flatMap((id) => id.split('+'));
    return [...new Set(all)].filter((id) => id.startsWith(`${record}-`));
  }

  it('puts waiting events of one resource, target and poll node together', async () => {
    await desk.start(batching);
    await desk.take('a', 'b', { id: 'x', type: 'contacts' }, { id: 'y', target: OTHER });
    await desk.take({ id: 'z', instanceId: 'poll-2' }, 'c', 'd');
    await desk.outcomesAre(7);
    assert.deepEqual([...desk.ids].sort(), ['a+b+c', 'd', 'x', 'y', 'z']);
    assert.equal(new Set(desk.outcomes.map(({ id }) => id)).size, 5);
    const { depth } = await desk.outbox.status();
    assert.equal(depth, 0);
  });

  it('never mixes poll nodes, whose changes of one record still come in order', async () => {
    await desk.start(batching);
    await desk.take({ id: '1', record: 'r' }, { id: '2', record: 'r', instanceId: 'poll-2' });
    await desk.outcomesAre(1);
    await desk.take('x', { id: '3', record: 'r' });
    await desk.outcomesAre(4);
    assert.ok(desk.ids.indexOf('1') < desk.ids.indexOf('2'));
    assert.deepEqual(
      desk.ids.filter((id) => id.includes('2')),
      ['2'],
    );
  });

  it('never makes a webhook larger than its format lets it be', async () => {
    await desk.start({ ...batching, maxEvents: 2, batchSize: 10 });
    await desk.take('a', 'b', 'c');
    await desk.outcomesAre(3);
    assert.deepEqual(desk.ids, ['a+b', 'c']);
  });

  it('puts several changes of one record into one webhook, in order', async () => {
    await desk.start({ ...batching, flushMs: VERY_LONG_MS });
    await desk.take(...['1', '2', '3'].map((id) => ({ id, record: 'r' })));
    await desk.outcomesAre(3);
    assert.deepEqual(desk.ids, ['1+2+3']);
  });

  it('waits no longer for more events once a webhook is full', async () => {
    await desk.start({ ...batching, flushMs: VERY_LONG_MS });
    await desk.take('a', 'b', 'c');
    await desk.outcomesAre(3);
    await desk.take('d', 'e');
    assert.deepEqual(desk.ids, ['a+b+c']);
    await desk.take('f');
    await desk.outcomesAre(6);
    assert.deepEqual(desk.ids, ['a+b+c', 'd+e+f']);
  });

  it('waits for more events as long as it may', async () => {
    await desk.start(batching);
    const before = performance.now();
    await desk.take('a', 'b');
    await desk.outcomesAre(2);
    assert.deepEqual(desk.ids, ['a+b']);
    assert.ok((desk.posted[0]?.at ?? 0) - before >= FLUSH_MS - 1);
  });

  it('waits before the first try when the schedule says so', async () => {
    await desk.start({ ...batching, flushMs: VERY_LONG_MS, schedule: [300] });
    await desk.take('a', 'b');
    const before = performance.now();
    await desk.take('c');
    await desk.outcomesAre(3);
    assert.deepEqual(desk.ids, ['a+b+c']);
    assert.ok((desk.posted[0]?.at ?? 0) - before >= 299);
  });

  it('empties a backlog of one record in order', async () => {
    await desk.start({ ...batching, flushMs: 20 });
    const ids = Array.from({ length: 30 }, (_, index) => `r-${index}`);
    await desk.take(...ids.map((id) => ({ id, record: 'r' })));
    await desk.outcomesAre(30);
    assert.deepEqual(firstOf('r'), ids);
    assert.ok(desk.ids.length < 30);
  });

  it('keeps the webhook, its id and its body over a restart', async () => {
    await desk.start(batching);
    desk.reply = () => 'hang';
    await desk.take('a', 'b');
    await desk.until(() => desk.underWay === 1);
    await desk.take('c');
    desk.reply = () => 200;
    await restart(batching);
    await desk.outcomesAre(3);
    const bodies = desk.posted.filter(({ id }) => id === 'a+b').map(({ body }) => body);
    assert.equal(bodies.length, 2);
    assert.equal(bodies[0], bodies[1]);
    assert.equal(desk.ids.at(-1), 'c');
  });

  it('delivers the others when one is refused, and gives up that one alone', async () => {
    await desk.start(batching);
    desk.reply = (id) => (id.includes('b') ? 422 : 200);
    await desk.take('a', 'b', 'c');
    await desk.outcomesAre(3);
    assert.deepEqual([...desk.ids].sort(), ['a', 'a+b+c', 'b', 'c']);
    const failed = desk.outcomes.filter(({ status }) => status === 'failed');
    assert.deepEqual(
      failed.map(({ entry, attempts, id }) => [entry.message.event.eventId, attempts, id]),
      [['b', 1, 'b']],
    );
  });

  it('sends the events apart after two faults of the receiver, and keeps them so', async () => {
    await desk.start({ ...batching, schedule: [0, 50, 50, 400] });
    desk.reply = (id) => (id.includes('b') ? 500 : 200);
    await desk.take('a', 'b', { id: 'b2', record: 'b' });
    await desk.until(() => desk.ids.filter((id) => id === 'b').length === 3);
    assert.deepEqual(desk.ids.slice(0, 2), ['a+b+b2', 'a+b+b2']);
    desk.reply = () => 200;
    const [first] = desk.outcomes;
    assert.deepEqual([first?.id, first?.attempts], ['a', 1], 'tries count anew');
    // Long enough for all that was taken apart to have gone before.
    await restart({ ...batching, flushMs: 1_500 });
    await desk.take('n', { id: 'b3', record: 'b' });
    await desk.outcomesAre(5);
    assert.deepEqual(
      desk.ids.slice(2).filter((id) => id !== 'a'),
      ['b', 'b', 'b', 'b', 'b2', 'n+b3'],
    );
  });

  it('keeps a webhook together while the receiver is not there, then gives all of it up', async () => {
    await desk.start({ ...batching, schedule: [0, 50, 50] });
    desk.reply = () => 503;
    await desk.take('a', 'b', { id: 'a2', record: 'a' });
    await desk.outcomesAre(3);
    assert.deepEqual(desk.ids, ['a+b+a2', 'a+b+a2', 'a+b+a2']);
    const [{ id } = { id: '' }] = desk.outcomes;
    for (const outcome of desk.outcomes) {
      assert.ok(outcome.status === 'failed');
      assert.equal(outcome.error.code, 'DELIVERY_FAILED');
      assert.deepEqual([outcome.attempts, outcome.statusCode, outcome.id], [3, 503, id]);
    }
    const letters = await desk.outbox.deadLetters({ order: 'oldest', limit: 10 });
    assert.deepEqual(
      letters.map(({ reason, attempts }) => [reason.code, reason.statusCode, attempts]),
      Array.from({ length: 3 }, () => ['DELIVERY_FAILED', 503, 3]),
    );
    assert.deepEqual(
      desk.outcomes.map((outcome) => outcome.status === 'failed' && outcome.letter).sort(),
      letters.map(({ letter }) => letter),
    );
    desk.reply = () => 200;
    assert.equal(await desk.outbox.replayDead(), 3);
    await desk.outcomesAre(6);
    assert.deepEqual(desk.ids.slice(3).join('+').split('+').sort(), ['a', 'a2', 'b']);
    const { depth, dead } = await desk.outbox.status();
    assert.deepEqual({ depth, dead }, { depth: 0, dead: 0 });
  });

  it('gives all events of a webhook up at once, although the receiver is not asked any more', async () => {
    await desk.start({ ...batching, schedule: [0, 10, 10, 10, 10] });
    desk.reply = () => 503;
    await desk.take('a', 'b', 'c');
    await desk.outcomesAre(3);
    assert.equal((await desk.outbox.status()).breaker, 'open');
    assert.equal((await desk.outbox.status()).dead, 3);
  });

  it('leaves an event alone that was tried alone before', async () => {
    const waiting = { maxEvents: 10, flushMs: 1_000, schedule: [0, 300] };
    await desk.start({ ...waiting, batchSize: 1 });
    desk.reply = () => 503;
    await desk.take('a');
    await desk.until(() => desk.retries.length === 1);
    desk.reply = () => 200;
    await restart({ ...waiting, batchSize: 3 });
    await desk.take('b', 'c');
    await desk.outcomesAre(3);
    assert.deepEqual(desk.ids, ['a', 'a', 'b+c']);
  });

  it('sends apart what a smaller format cannot carry any more', async () => {
    await desk.start(batching);
    desk.reply = () => 'hang';
    await desk.take('a', 'b', { id: 'a2', record: 'a' });
    await desk.until(() => desk.underWay === 1);
    desk.reply = () => 200;
    await restart({ ...batching, maxEvents: 1 });
    await desk.outcomesAre(3);
    const after = desk.ids.slice(1);
    assert.deepEqual([...after].sort(), ['a', 'a2', 'b']);
    assert.ok(after.indexOf('a') < after.indexOf('a2'));
  });

  it('gives a target that wants nothing any more the same webhook once it is enabled', async () => {
    await desk.start(batching);
    desk.reply = () => 410;
    await desk.take('a', 'b', 'c');
    await desk.until(() => desk.warnings.length === 1);
    await desk.take('d');
    desk.reply = () => 200;
    await desk.outbox.enable();
    await desk.outcomesAre(4);
    assert.deepEqual(desk.ids, ['a+b+c', 'a+b+c', 'd']);
  });

  for (const sizes of [
    [1, 5, 1],
    [5, 1, 3],
  ]) {
    it(`loses nothing, and keeps the order of each record, with ${sizes.join(', then ')} events a webhook`, async () => {
      const records = ['r', 's', 't', 'u'];
      const sized = (batchSize: number): DeskOptions => ({
        ...{ maxEvents: 10, batchSize, flushMs: 50, concurrency: 2 },
        schedule: [0, 20, 20, 20, 20, 20],
      });
      const numbers = Array.from({ length: 8 }, (_, number) => number);
      let first = 0;
      await desk.start(sized(1));
      for (const size of sizes) {
        await restart(sized(size));
        let calls = 0;
        desk.reply = () => {
          calls += 1;
          if (calls > 4) return 'hang';
          return calls === 2 ? 503 : 200;
        };
        for (const number of numbers) {
          const event = (record: string) => ({ id: `${record}-${first + number}`, record });
          await desk.take(...records.map(event));
        }
        first += numbers.length;
        await desk.until(() => calls > 4);
      }
      desk.reply = () => 200;
      await restart(sized(4));
      const delivered = (): number =>
        new Set(desk.outcomes.map(({ entry }) => entry.message.event.eventId)).size;
      await desk.until(() => delivered() === first * records.length);
      assert.deepEqual(new Set(desk.outcomes.map(({ status }) => status)), new Set(['delivered']));
      for (const record of records) {
        const all = Array.from({ length: first }, (_, number) => `${record}-${number}`);
        assert.deepEqual(firstOf(record), all);
      }
      assert.equal((await desk.outbox.status()).depth, 0);
    });
  }
}
