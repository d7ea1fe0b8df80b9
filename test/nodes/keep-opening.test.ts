import assert from 'node:assert/strict';
import { keepOpening, OPEN_AGAIN_MS } from '../../nodes/sagecrm-callback/keep-opening';
import { SageCrmError, type ErrorCode } from '../../src/errors/sagecrm-error';
import { ManualClock } from '../support/manual-clock';

describe('A callback node that cannot open its outbox', () => {
  let clock: ManualClock;
  let told: unknown[];

  beforeEach(() => {
    clock = new ManualClock();
    told = [];
  });

  /** Fails with these codes in turn, then opens. */
  function opening(...codes: ErrorCode[]): Promise<void> {
    const get = (): Promise<void> => {
      const code = codes.shift();
      return code === undefined
        ? Promise.resolve()
        : Promise.reject(new SageCrmError(code, 'it failed', 'mend it'));
    };
    return keepOpening({
      ...{ outbox: { get }, clock, signal: new AbortController().signal },
      onError: (error) => told.push((error as SageCrmError).code),
    });
  }

  it('tries again after a while what may pass by itself', async () => {
    const opened = opening('STATE_LOCKED', 'REDIS_UNAVAILABLE');
    for (let tries = 0; tries < 2; tries++) {
      await new Promise(setImmediate);
      assert.deepEqual(clock.pending(), [OPEN_AGAIN_MS]);
      await clock.advance(OPEN_AGAIN_MS);
    }
    await opened;
    assert.deepEqual(told, ['STATE_LOCKED', 'REDIS_UNAVAILABLE']);
  });

  for (const code of [
    'CONFIG_INVALID',
    'REDIS_MISSING',
    'STATE_CORRUPT',
    'STATE_MOVED',
    'STATE_ELSEWHERE',
  ] as const) {
    it(`tells ${code} once, and does not try again`, async () => {
      await opening(code, code);
      assert.deepEqual(told, [code]);
      assert.deepEqual(clock.pending(), []);
    });
  }
});
