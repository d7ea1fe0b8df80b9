import assert from 'node:assert/strict';
import { Deadlines } from '../../../src/effects/deadlines';
import { ManualClock } from '../../support/manual-clock';

describe('Deadlines', () => {
  let clock: ManualClock;
  let deadlines: Deadlines;
  let ended: string[];

  beforeEach(() => {
    clock = new ManualClock();
    deadlines = new Deadlines(clock);
    ended = [];
  });

  function add(name: string, ms: number): () => void {
    const onTime = (): void => {
      ended.push(name);
    };
    deadlines.add(onTime, ms);
    return onTime;
  }

  it('end each request at its own time, whatever the order they came in', async () => {
    add('slow', 300);
    add('fast', 100);
    await clock.advance(50);
    add('later', 100);
    await clock.advance(50);
    assert.deepEqual(ended, ['fast']);
    await clock.advance(50);
    assert.deepEqual(ended, ['fast', 'later']);
    await clock.advance(1_000);
    assert.deepEqual(ended, ['fast', 'later', 'slow']);
    assert.deepEqual(clock.pending(), []);
  });

  it('leave those alone that ended by themselves, and no timer behind', async () => {
    const first = add('first', 100);
    const second = add('second', 200);
    deadlines.remove(first);
    await clock.advance(100);
    deadlines.remove(second);
    assert.deepEqual(clock.pending(), []);
    await clock.advance(1_000);
    assert.deepEqual(ended, []);
  });

  it('begin anew after they have been idle', async () => {
    deadlines.remove(add('first', 100));
    await clock.advance(60);
    add('second', 100);
    await clock.advance(99);
    assert.deepEqual(ended, []);
    await clock.advance(1);
    assert.deepEqual(ended, ['second']);
  });
});
