import assert from 'node:assert/strict';
import { parseOrThrow } from '../../../src/config/problems';
import { DEFAULT_RETRIES, retriesSchema } from '../../../src/config/retry-schedule';
import { SageCrmError } from '../../../src/errors/sagecrm-error';

function read(value: unknown): number[] {
  return parseOrThrow(retriesSchema, value);
}

describe('the waits before each try', () => {
  it('are those of Standard Webhooks unless others are given: ten tries in 75 hours', () => {
    for (const absent of [undefined, null, '', '  ']) {
      assert.deepEqual(read(absent), read(DEFAULT_RETRIES));
    }
    const waits = read(undefined);
    assert.equal(waits.length, 10);
    const hours = waits.reduce((sum, wait) => sum + wait, 0) / 3_600_000;
    assert.ok(hours > 75.5 && hours < 75.6, String(hours));
  });

  it('are read from seconds, minutes and hours', () => {
    assert.deepEqual(read(' 0s, 2.5s 10m\n1.5h '), [0, 2500, 600_000, 5_400_000]);
  });

  for (const text of ['soon', '5', '5 s', '-5s', '1d', '0s,,x', '169h', '1s '.repeat(51), 7]) {
    it(`refuse ${JSON.stringify(text).slice(0, 30)}, with an example`, () => {
      assert.throws(
        () => read(text),
        (error) => error instanceof SageCrmError && error.message.includes('0s 5s 5m'),
      );
    });
  }
});
