import assert from 'node:assert/strict';
import { OutboxDesk, type DeskOptions, type OpenOutbox } from './outbox-desk';

const OTHER = 'https://other.example/hook';

/** What every outbox does, wherever it keeps its events. */
export function itIsAnOutbox(openNext: () => Promise<OpenOutbox>): void {
  let desk: OutboxDesk;

  beforeEach(async () => {
    desk = new OutboxDesk(await openNext());
  });

  afterEach(async () => {
    await desk.outbox.close();
  });

  async function restart(options: DeskOptions = {}): Promise<void> {
    await desk.outbox.close();
    await desk.start(options);
  }

  it('delivers an event and tells so', async () => {
    await desk.start();
    await desk.take('a');
    await desk.outcomesAre(1);
    const [outcome] = desk.outcomes;
    assert.ok(outcome?.status === 'delivered');
    assert.equal(outcome.entry.message.event.eventId, 'a');
    const { statusCode, attempts, id } = outcome;
    assert.deepEqual({ statusCode, attempts, id }, { statusCode: 200, attempts: 1, id: 'a' });
    assert.equal((await desk.outbox.status()).depth, 0);
  });

  it('takes an event that waits already only once, and another target for another delivery', async () => {
    await desk.start();
    desk.reply = () => 'hang';
    await desk.take('a', 'a');
    await desk.until(() => desk.posted.length === 1);
    await desk.take('a', { id: 'a', target: OTHER });
    assert.equal((await desk.outbox.status()).depth, 2);
  });

  it('takes an event again that was delivered, or given up', async () => {
    await desk.start();
    await desk.take('a');
    await desk.outcomesAre(1);
    desk.reply = () => 400;
    await desk.take('a');
    await desk.outcomesAre(2);
    desk.reply = () => 200;
    await desk.take('a');
    await desk.outcomesAre(3);
    assert.deepEqual(
      desk.outcomes.map(({ status }) => status),
      ['delivered', 'failed', 'delivered'],
    );
  });

  it('takes nothing once it is closed', async () => {
    await desk.start();
    await desk.outbox.close();
    await assert.rejects(desk.take('a'), { code: 'ABORTED' });
  });

  it('keeps the order of a record over retries, and lets no other record wait for it', async () => {
    // By then the others have gone, also on a busy machine.
    await desk.start({ schedule: [0, 1_500] });
    desk.reply = (id) => (id === 'a1' && desk.retries.length === 0 ? 503 : 200);
    await desk.take({ id: 'a1', record: 'a' }, { id: 'a2', record: 'a' }, 'b', 'c');
    await desk.take({ id: 'a3', record: 'a' });
    await desk.outcomesAre(5);
    assert.deepEqual(
      desk.ids.filter((id) => id.startsWith('a')),
      ['a1', 'a1', 'a2', 'a3'],
    );
    assert.ok(desk.ids.lastIndexOf('a1') > Math.max(desk.ids.indexOf('b'), desk.ids.indexOf('c')));
  });

  it('has no more requests under way than it may', async () => {
    await desk.start({ concurrency: 3 });
    let most = 0;
    desk.reply = () => {
      most = Math.max(most, desk.underWay);
      return 200;
    };
    await desk.take(...Array.from({ length: 40 }, (_, index) => `e${index}`));
    await desk.outcomesAre(40);
    assert.ok(most <= 3);
  });

  it('delivers a backlog of one record in order', async () => {
    await desk.start();
    const ids = Array.from({ length: 100 }, (_, index) => `e${index}`);
    await desk.take(...ids.map((id) => ({ id, record: 'r' })));
    await desk.outcomesAre(100);
    assert.deepEqual(desk.ids, ids);
  });

  it('follows the schedule with one body, and then gives up', async () => {
    await desk.start({ schedule: [0, 150, 300] });
    desk.reply = () => 503;
    await desk.take('a');
    await desk.outcomesAre(1);
    const [first, second, third] = desk.posted.map(({ at }) => at);
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    assert.ok(second - first >= 149 && third - second >= 299);
    assert.equal(new Set(desk.posted.map(({ body }) => body)).size, 1);
    const [outcome] = desk.outcomes;
    assert.ok(outcome?.status === 'failed');
    assert.equal(outcome.error.code, 'DELIVERY_FAILED');
    assert.equal(outcome.attempts, 3);
    assert.deepEqual(
      desk.retries.map(({ attempt }) => attempt),
      [2, 3],
    );
    const [letter] = await desk.outbox.deadLetters({ order: 'newest', limit: 10 });
    assert.equal(letter?.letter, outcome.letter);
    assert.deepEqual([letter.reason.statusCode, letter.attempts], [503, 3]);
    assert.equal(letter.event.message.event.eventId, 'a');
  });

  it('comes back no sooner than Retry-After says', async () => {
    await desk.start({ schedule: [0, 1] });
    desk.reply = () => (desk.posted.length === 1 ? { status: 429, retryAfter: '1' } : 200);
    await desk.take('a');
    await desk.outcomesAre(1);
    const [first, second] = desk.posted;
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 999);
  });

  it('sends no more webhooks in a second than it may', async () => {
    await desk.start({ rateLimit: 5 });
    await desk.take(...Array.from({ length: 11 }, (_, index) => `e${index}`));
    await desk.outcomesAre(11);
    // Five to begin with, at most, and five a second later.
    const [first, last] = [desk.posted[0], desk.posted[10]];
    assert.ok((last?.at ?? 0) - (first?.at ?? 0) >= 1_800);
  });

  it('waits before the first try when the schedule says so', async () => {
    await desk.start({ schedule: [300] });
    const before = performance.now();
    await desk.take('a');
    await desk.outcomesAre(1);
    assert.ok((desk.posted[0]?.at ?? 0) - before >= 299);
  });

  it('gives up what nothing can be sent to', async () => {
    await desk.start();
    await desk.take({ id: 'a', target: 'ftp://receiver.example/' });
    await desk.outcomesAre(1);
    const [outcome] = desk.outcomes;
    assert.ok(outcome?.status === 'failed');
    assert.deepEqual([outcome.error.code, outcome.attempts], ['INPUT_INVALID', 0]);
    assert.equal(desk.posted.length, 0);
  });

  it('remembers tries over a restart, and repeats what was under way', async () => {
    await desk.start({ schedule: [0, 500, 1] });
    desk.reply = (id) => (id === 'a' ? 503 : 'hang');
    await desk.take('a', 'b');
    await desk.until(() => desk.retries.length === 1 && desk.underWay === 1);
    desk.reply = () => 200;
    await restart({ schedule: [0, 500, 1] });
    await desk.outcomesAre(2);
    assert.deepEqual(desk.outcomes.map(({ id, attempts }) => [id, attempts]).sort(), [
      ['a', 2],
      ['b', 1],
    ]);
    assert.deepEqual([...desk.ids].sort(), ['a', 'a', 'b', 'b']);
  });

  it('lets requests under way end while it closes, and tells how many events wait', async () => {
    await desk.start();
    desk.reply = () => 'hang';
    await desk.take('a', { id: 'b', record: 'a' });
    await desk.until(() => desk.underWay === 1);
    assert.equal(await desk.outbox.close(100), 2);
    assert.equal(desk.underWay, 0);
  });

  it('stops a failing target after five tries, and loses nothing', async () => {
    await desk.start({ concurrency: 1, schedule: [0, 60_000] });
    desk.reply = () => 503;
    await desk.take(...Array.from({ length: 12 }, (_, index) => `e${index}`));
    await desk.until(() => desk.retries.length === 5);
    const { breaker, depth } = await desk.outbox.status();
    assert.deepEqual({ breaker, depth }, { breaker: 'open', depth: 12 });
    assert.equal(desk.posted.length, 5);
  });

  it('gives a target that wants nothing any more nothing until it is enabled', async () => {
    await desk.start({ concurrency: 1 });
    desk.reply = (_id, url) => (url === OTHER ? 200 : 410);
    await desk.take('a', 'b', { id: 'x', target: OTHER });
    await desk.outcomesAre(1);
    await desk.until(() => desk.warnings.length === 1);
    assert.equal(desk.warnings[0]?.details.statusCode, 410);
    await restart();
    const { gone, depth } = await desk.outbox.status();
    assert.deepEqual({ gone, depth }, { gone: [''], depth: 2 });
    assert.deepEqual([...desk.ids].sort(), ['a', 'x']);
    desk.reply = () => 200;
    await desk.outbox.enable();
    await desk.outcomesAre(3);
    assert.deepEqual(
      desk.outcomes.map(({ attempts }) => attempts),
      [1, 1, 1],
    );
    assert.deepEqual((await desk.outbox.status()).gone, []);
  });

  it('delivers dead letters once more with all tries before them, or drops them', async () => {
    await desk.start({ schedule: [0, 1] });
    desk.reply = () => 400;
    await desk.take('a', 'b', 'c');
    await desk.outcomesAre(3);
    const [first] = await desk.outbox.deadLetters({ order: 'oldest', limit: 1 });
    assert.ok(first !== undefined);
    desk.reply = () => 503;
    assert.equal(await desk.outbox.replayDead([first.letter, 99]), 1);
    await desk.outcomesAre(4);
    assert.equal(desk.outcomes.at(-1)?.attempts, 2);
    const all = await desk.outbox.deadLetters({ order: 'newest', limit: 10 });
    assert.equal(all.length, 3);
    assert.ok((all[0]?.letter ?? 0) > (all[1]?.letter ?? 0));
    const page = { order: 'newest', limit: 1, after: all[0]?.letter ?? 0 } as const;
    assert.deepEqual(await desk.outbox.deadLetters(page), [all[1]]);
    assert.equal(await desk.outbox.dropDead([all[2]?.letter ?? 0]), 1);
    desk.reply = () => 200;
    assert.equal(await desk.outbox.replayDead(), 2);
    await desk.outcomesAre(6);
    const { depth, dead } = await desk.outbox.status();
    assert.deepEqual({ depth, dead }, { depth: 0, dead: 0 });
    assert.equal(await desk.outbox.dropDead(), 0);
  });

  it('keeps no more dead letters than it may, and says so', async () => {
    await desk.start({ mostLetters: 2 });
    desk.reply = () => 400;
    await desk.take('a', 'b', 'c', 'd');
    await desk.outcomesAre(4);
    await desk.until(() => desk.warnings.length > 0);
    assert.equal(desk.warnings.at(-1)?.code, 'DEAD_LETTERS_FULL');
    await desk.outbox.dropDead([0]);
    const kept = await desk.outbox.deadLetters({ order: 'oldest', limit: 10 });
    assert.ok(kept.length <= 2);
  });

  it('is not held up by a listener that throws', async () => {
    await desk.start();
    const { push } = desk.outcomes;
    desk.outcomes.push = (...items) => {
      push.apply(desk.outcomes, items);
      throw new Error('listener');
    };
    await desk.take('a', 'b');
    await desk.until(() => desk.errors.length === 2);
    assert.equal(desk.outcomes.length, 2);
  });
}
