import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareKeys } from '../../../src/store/journal-blocks';

/** Beside these, the order of UTF-16 is not that of UTF-8; two of them are half a character. */
const unit = fc.constantFrom('a', 'b', 'ž', '\ud7ff', '\ue000', '\uffff', '\ud83d', '\ude00', '🙂');
const key = fc.array(unit, { maxLength: 6 }).map((units) => units.join(''));

describe('compareKeys', () => {
  it('orders keys as LevelDB does, by the bytes of UTF-8', () => {
    fc.assert(
      fc.property(key, key, (one, other) => {
        const byBytes = Buffer.compare(Buffer.from(one), Buffer.from(other));
        assert.equal(Math.sign(compareKeys(one, other)), byBytes);
      }),
      { numRuns: 2000 },
    );
  });
});
