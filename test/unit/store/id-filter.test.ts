import assert from 'node:assert/strict';
import fc from 'fast-check';
import { IdFilter } from '../../../src/store/id-filter';

describe('the filter of ids', () => {
  it('is empty until one is added', () => {
    const filter = new IdFilter();
    assert.equal(filter.isEmpty, true);
    assert.equal(filter.mayHave(''), false);
    filter.add('');
    assert.equal(filter.isEmpty, false);
    assert.equal(filter.mayHave(''), true);
  });

  it('never denies one that was added', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (ids) => {
        const filter = new IdFilter();
        for (const id of ids) filter.add(id);
        assert.ok(ids.every((id) => filter.mayHave(id)));
      }),
    );
  });

  it('knows a hundred thousand, and takes no new one for one of them', () => {
    const filter = new IdFilter();
    const known = Array.from({ length: 100_000 }, (_, index) => String(index * 7));
    for (const id of known) {
      assert.equal(filter.mayHave(id), false, id);
      filter.add(id);
    }
    assert.ok(known.every((id) => filter.mayHave(id)));
    const others = known.map((id) => `${id}x`);
    assert.deepEqual(
      others.filter((id) => filter.mayHave(id)),
      [],
    );
  });
});
