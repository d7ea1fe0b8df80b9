import assert from 'node:assert/strict';
import { Throttle } from '../../../src/effects/throttle';
import { ManualClock } from '../../support/manual-clock';

describe('Throttle', () => {
  function setUp() {
    const clock = new ManualClock();
    const shown: number[] = [];
    const throttle = new Throttle<number>((value) => shown.push(value), 300, clock);
    return { clock, shown, throttle };
  }

  it('shows the first value at once and the last one when the interval is over', async () => {
    const { clock, shown, throttle } = setUp();
    throttle.push(1);
    throttle.push(2);
    throttle.push(3);
    assert.deepEqual(shown, [1]);
    await clock.advance(300);
    assert.deepEqual(shown, [1, 3]);
  });

  it('holds its pace also after a late value', async () => {
    const { clock, shown, throttle } = setUp();
    throttle.push(1);
    throttle.push(2);
    await clock.advance(300);
    throttle.push(3);
    assert.deepEqual(shown, [1, 2]);
    await clock.advance(299);
    assert.deepEqual(shown, [1, 2]);
    await clock.advance(1);
    assert.deepEqual(shown, [1, 2, 3]);
  });

  it('shows a value at once after a quiet time', async () => {
    const { clock, shown, throttle } = setUp();
    throttle.push(1);
    await clock.advance(300);
    throttle.push(2);
    assert.deepEqual(shown, [1, 2]);
  });

  it('shows nothing and keeps no timer once it is closed', async () => {
    const { clock, shown, throttle } = setUp();
    throttle.push(1);
    throttle.push(2);
    throttle.close();
    throttle.push(3);
    await clock.advance(1_000);
    assert.deepEqual(shown, [1]);
    assert.deepEqual(clock.pending(), []);
  });
});
