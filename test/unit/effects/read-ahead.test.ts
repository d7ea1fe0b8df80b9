import assert from 'node:assert/strict';
import { readAhead } from '../../../src/effects/read-ahead';

const running = new AbortController().signal;

describe('readAhead', () => {
  it('asks for the next value while the present one is being dealt with', async () => {
    const steps: string[] = [];
    for await (const value of readAhead(() => counting(3, steps), running)) {
      steps.push(`dealt with ${value}`);
    }
    assert.deepEqual(steps, [
      'made 1',
      'made 2',
      'dealt with 1',
      'made 3',
      'dealt with 2',
      'ended',
      'dealt with 3',
    ]);
  });

  it('tells of a failure only after the values before it', async () => {
    const seen: number[] = [];
    const reading = (async () => {
      for await (const value of readAhead(failingAfter, running)) seen.push(value);
    })();
    await assert.rejects(reading, /the second one broke/);
    assert.deepEqual(seen, [1]);
  });

  it('ends what it asked for ahead when the reader stops early', async () => {
    let given: AbortSignal | undefined;
    const values = readAhead((signal) => {
      given = signal;
      return untilAborted(signal);
    }, running);
    for await (const value of values) {
      assert.equal(value, 1);
      break;
    }
    assert.equal(given?.aborted, true);
  });

  it('hands on the signal of its caller', async () => {
    const stop = new AbortController();
    const values = readAhead(untilAborted, stop.signal);
    await values.next();
    const next = values.next();
    stop.abort(new Error('enough'));
    await assert.rejects(next, /enough/);
  });
});

async function* counting(to: number, steps: string[]): AsyncGenerator<number, void, void> {
  for (let value = 1; value <= to; value += 1) {
    steps.push(`made ${value}`);
    yield await Promise.resolve(value);
  }
  steps.push('ended');
}

async function* failingAfter(): AsyncGenerator<number, void, void> {
  yield await Promise.resolve(1);
  throw new Error('the second one broke');
}

async function* untilAborted(signal: AbortSignal): AsyncGenerator<number, void, void> {
  yield 1;
  await new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}
