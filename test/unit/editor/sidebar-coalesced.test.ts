import assert from 'node:assert/strict';
import { once, EventEmitter } from 'node:events';
import { Coalesced } from '../../../nodes/editor/sidebar/coalesced';

/** A task whose runs end when the test says so. */
class HeldTask {
  readonly events = new EventEmitter();
  readonly ends: (() => void)[] = [];
  readonly coalesced = new Coalesced(() => {
    const run = new Promise<void>((resolve) => this.ends.push(resolve));
    this.events.emit('begun');
    return run;
  });
}

describe('a coalesced task', () => {
  it('runs at once when asked to', () => {
    const task = new HeldTask();
    task.coalesced.request();
    assert.equal(task.ends.length, 1);
  });

  it('runs once more for all requests that came meanwhile', async () => {
    const task = new HeldTask();
    for (let count = 0; count < 5; count++) task.coalesced.request();
    assert.equal(task.ends.length, 1);
    const begun = once(task.events, 'begun');
    task.ends[0]?.();
    await begun;
    assert.equal(task.ends.length, 2);
    task.ends[1]?.();
    await new Promise(setImmediate);
    assert.equal(task.ends.length, 2);
  });
});
