import assert from 'node:assert/strict';
import { DEFAULT_SCHEDULE } from '../../../src/config/retry-schedule';
import fc from 'fast-check';
import { LONGEST_RETRY_AFTER_MS, delayBefore, jittered } from '../../../src/delivery/back-off';

const half = (): number => 0.5;
const almostOne = (): number => 1 - Number.EPSILON;

describe('delayBefore', () => {
  it('follows the schedule of Standard Webhooks: ten tries over 75 hours and 35 minutes', () => {
    const hours = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((attempt) => {
      const wait = delayBefore(attempt, DEFAULT_SCHEDULE, half);
      return wait === undefined ? undefined : wait / 3_600_000;
    });
    assert.deepEqual(hours, [0, 5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24, undefined]);
    const sum = DEFAULT_SCHEDULE.reduce((total, step) => total + step, 0);
    assert.equal(sum, ((75 * 60 + 35) * 60 + 5) * 1000);
  });

  it('keeps each wait within a tenth of its step', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: almostOne(), noNaN: true }), (random) => {
        const wait = delayBefore(3, DEFAULT_SCHEDULE, () => random) ?? 0;
        assert.ok(wait >= 270_000 && wait <= 330_000);
      }),
    );
    assert.equal(
      jittered(300_000, () => 0),
      270_000,
    );
    assert.equal(jittered(300_000, almostOne), 330_000);
  });

  it('waits at least as long as the receiver asks, but no longer than a day for that', () => {
    assert.equal(delayBefore(2, DEFAULT_SCHEDULE, half, 7_000), 7_000);
    assert.equal(delayBefore(3, DEFAULT_SCHEDULE, half, 7_000), 300_000);
    assert.equal(delayBefore(2, DEFAULT_SCHEDULE, half, 10 ** 12), LONGEST_RETRY_AFTER_MS);
    assert.equal(LONGEST_RETRY_AFTER_MS, 86_400_000);
  });

  it('makes no further try because of Retry-After', () => {
    assert.equal(delayBefore(11, DEFAULT_SCHEDULE, half, 1_000), undefined);
  });
});
