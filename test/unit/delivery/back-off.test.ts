import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  DEFAULT_SCHEDULE,
  LONGEST_RETRY_AFTER_MS,
  delayBefore,
} from '../../../src/delivery/back-off';

describe('delayBefore', () => {
  const almostOne = 1 - Number.EPSILON;

  it('tries seven times: at once, and after up to 1 s, 5 s, 30 s, 2 min, 10 min, 30 min', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) =>
      delayBefore(attempt, DEFAULT_SCHEDULE, () => almostOne),
    );
    assert.deepEqual(
      waits.map((wait) => (wait === undefined ? undefined : Math.round(wait / 1000))),
      [0, 1, 5, 30, 120, 600, 1800, undefined],
    );
  });

  it('spreads each wait from nothing to its step', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: almostOne, noNaN: true }), (random) => {
        assert.equal(
          delayBefore(4, DEFAULT_SCHEDULE, () => random),
          Math.floor(random * 30_000),
        );
      }),
    );
  });

  it('waits at least as long as the receiver asks, but never over an hour', () => {
    assert.equal(
      delayBefore(2, DEFAULT_SCHEDULE, () => 0, 7_000),
      7_000,
    );
    assert.equal(
      delayBefore(4, DEFAULT_SCHEDULE, () => 0.5, 7_000),
      15_000,
    );
    assert.equal(
      delayBefore(2, DEFAULT_SCHEDULE, () => 0, 86_400_000),
      LONGEST_RETRY_AFTER_MS,
    );
  });

  it('makes no further try because of Retry-After', () => {
    assert.equal(
      delayBefore(8, DEFAULT_SCHEDULE, () => 0, 1_000),
      undefined,
    );
  });
});
