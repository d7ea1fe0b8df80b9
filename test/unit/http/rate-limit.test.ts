import assert from 'node:assert/strict';
import { RateLimit } from '../../../src/http/rate-limit';
import { ManualClock } from '../../support/manual-clock';

describe('RateLimit', () => {
  const { signal } = new AbortController();

  /** Asks for `count` turns and notes when each came, in milliseconds. */
  function ask(limit: RateLimit, clock: ManualClock, count: number): number[] {
    const times: number[] = [];
    for (let turn = 0; turn < count; turn += 1) {
      void limit.turn(signal).then(() => times.push(clock.monotonic()));
    }
    return times;
  }

  it('lets the first request go at once and spaces out the others', async () => {
    const clock = new ManualClock();
    const times = ask(new RateLimit(10, clock), clock, 3);
    for (let step = 0; step < 4; step += 1) await clock.advance(step === 0 ? 0 : 100);
    assert.deepEqual(times, [0, 100, 200]);
  });

  it('saves up nothing while nobody asks', async () => {
    const clock = new ManualClock();
    const limit = new RateLimit(10, clock);
    await clock.advance(60_000);
    const times = ask(limit, clock, 2);
    await clock.advance(0);
    await clock.advance(100);
    assert.deepEqual(times, [60_000, 60_100]);
  });

  it('lets everything go at once when it is off', async () => {
    const clock = new ManualClock();
    const times = ask(new RateLimit(0, clock), clock, 5);
    await clock.advance(0);
    assert.equal(times.length, 5);
  });

  it('ends a wait with the signal', async () => {
    const clock = new ManualClock();
    const limit = new RateLimit(1, clock);
    const stop = new AbortController();
    await limit.turn(signal);
    const waiting = assert.rejects(limit.turn(stop.signal), /stopped/);
    stop.abort(new Error('stopped'));
    await waiting;
    assert.deepEqual(clock.pending(), []);
  });
});
