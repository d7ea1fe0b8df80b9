import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SageCrmError, type ErrorCode } from '../../../src/errors/sagecrm-error';
import { retryDelayMs } from '../../../src/poll/retry';

const INTERVAL = 900_000;
const LEAST = () => 0;

function failure(code: ErrorCode, retryAfterMs?: number): SageCrmError {
  return new SageCrmError(code, 'it failed', 'wait', { details: { retryAfterMs } });
}

const DAY = 86_400_000;

describe('retryDelayMs', () => {
  for (const code of [
    'TIMEOUT',
    'UNREACHABLE',
    'SERVER_ERROR',
    'RATE_LIMITED',
    'JSON_CUT',
    'STATE_LOCKED',
  ] as const) {
    it(`doubles from a few seconds after ${code}, which may pass`, () => {
      const delays = [1, 2, 3, 4].map((count) =>
        retryDelayMs(failure(code), count, INTERVAL, LEAST),
      );
      assert.deepEqual(delays, [2500, 5000, 10_000, 20_000]);
    });
  }

  for (const code of [
    'BAD_REQUEST',
    'NOT_FOUND',
    'NOT_JSON',
    'LOGON_REFUSED',
    'PAGING_LOOP',
    'STATE_IO',
    'INTERNAL',
  ] as const) {
    it(`waits for the interval after ${code}`, () => {
      assert.equal(retryDelayMs(failure(code), 1, INTERVAL, LEAST), INTERVAL);
    });
  }

  it('spreads the tries by up to a half', () => {
    const error = failure('TIMEOUT');
    assert.equal(
      retryDelayMs(error, 1, INTERVAL, () => 0.5),
      3750,
    );
    assert.ok(retryDelayMs(error, 1, INTERVAL, () => 0.999_999) <= 5000);
  });

  it('stays between a moment and the interval, unless the server asks for up to a day', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 1e9 }),
        fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, interval, asked, random) => {
          const error = failure('SERVER_ERROR', asked);
          const delay = retryDelayMs(error, failures, interval, () => random);
          assert.ok(delay > 0);
          const patience = Math.min(asked ?? 0, DAY);
          assert.ok(delay >= patience);
          assert.ok(delay <= Math.max(interval, patience));
        },
      ),
    );
  });

  it('honours what the server asks, for any failure', () => {
    assert.equal(retryDelayMs(failure('RATE_LIMITED', 60_000), 1, INTERVAL, LEAST), 60_000);
    assert.equal(retryDelayMs(failure('SERVER_ERROR', 2e6), 1, INTERVAL, LEAST), 2e6);
    assert.equal(retryDelayMs(failure('BAD_REQUEST', 2e6), 1, INTERVAL, LEAST), 2e6);
  });
});
