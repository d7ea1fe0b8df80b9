import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BoundedSet } from '../../../src/poll/bounded-set';

describe('BoundedSet', () => {
  it('has what was added', () => {
    const set = new BoundedSet<string>(2);
    set.add('a');
    assert.equal(set.has('a'), true);
    assert.equal(set.has('b'), false);
  });

  it('forgets the oldest beyond its size', () => {
    const set = new BoundedSet<string>(2);
    for (const item of ['a', 'b', 'a', 'c']) set.add(item);
    assert.deepEqual(
      ['a', 'b', 'c'].map((item) => set.has(item)),
      [false, true, true],
    );
  });

  it('has exactly the latest different ones, however many are added', () => {
    const items = fc.uniqueArray(fc.integer(), { maxLength: 50 });
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 10 }), (added, most) => {
        const set = new BoundedSet<number>(most);
        for (const item of added) set.add(item);
        const kept = added.filter((item) => set.has(item));
        assert.deepEqual(kept, added.slice(-most));
      }),
    );
  });
});
