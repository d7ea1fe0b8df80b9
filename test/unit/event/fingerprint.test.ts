import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CrmRecord } from '../../../src/event/event';
import { createFingerprint, deletionIdOf, eventIdOf } from '../../../src/event/fingerprint';

const record = fc.dictionary(fc.string(), fc.jsonValue());

describe('a fingerprint', () => {
  const fingerprint = createFingerprint('accounts');
  const printOf = (record: CrmRecord): string => fingerprint(record, '43');

  it('does not depend on the order of the columns, at any depth', () => {
    fc.assert(
      fc.property(record, (columns) => {
        const backwards = Object.fromEntries(Object.entries(columns).reverse());
        assert.equal(printOf(backwards), printOf(columns));
      }),
    );
    assert.equal(
      printOf({ a: { x: 1, y: [{ p: 1, q: 2 }] } }),
      printOf({ a: { y: [{ q: 2, p: 1 }], x: 1 } }),
    );
  });

  it('is the same for a record that went through JSON', () => {
    fc.assert(
      fc.property(record, (columns) => {
        const copy = JSON.parse(JSON.stringify(columns)) as Record<string, unknown>;
        assert.equal(printOf(copy), printOf(columns));
      }),
    );
    assert.equal(printOf({ a: 1, b: undefined }), printOf({ a: 1 }));
  });

  it('differs whenever a column does', () => {
    const hashes = [
      { a: 1 },
      { a: '1' },
      { a: 2 },
      { b: 1 },
      { a: null },
      { a: [1, 2] },
      { a: [2, 1] },
      { a: { b: 1 } },
      { A: 1 },
      {},
    ].map(printOf);
    assert.equal(new Set(hashes).size, hashes.length);
  });

  it('does not count what describes the answer: columns with $ in front', () => {
    const plain = printOf({ Comp_Name: 'x' });
    assert.equal(printOf({ Comp_Name: 'x', $key: 43, $url: 'u', $updated: 'now' }), plain);
    assert.notEqual(
      printOf({ Comp_Name: 'x', inner: { $key: 1 } }),
      printOf({ Comp_Name: 'x', inner: { $key: 2 } }),
    );
  });

  it('stays what it was when it was first stored', () => {
    const first = printOf({ b: 'x', a: 1, $k: 2, c: { z: 1, y: [null] } });
    assert.equal(first, 'fQwHcUXWLs9ZYbQKHZ4PWad2');
  });

  it('does not depend on the records before', () => {
    const column = fc.constantFrom('a', 'b', '10', '2', '$c');
    const alike = fc.array(fc.dictionary(column, fc.jsonValue({ maxDepth: 1 })));
    fc.assert(
      fc.property(alike, (records) => {
        const alone = records.map((each) => createFingerprint('accounts')(each, '43'));
        assert.deepEqual(records.map(printOf), alone);
      }),
    );
  });

  it('differs for another resource or record', () => {
    const prints = [
      fingerprint({}, '43'),
      fingerprint({}, '44'),
      createFingerprint('contacts')({}, '43'),
      createFingerprint('a')({}, 'b,c'),
      createFingerprint('a,b')({}, 'c'),
    ];
    assert.equal(new Set(prints).size, prints.length);
  });

  it('is short text that goes into a key or a log', () => {
    assert.match(printOf({}), /^[\w-]{24}$/);
  });
});

describe('eventIdOf', () => {
  const change = { fingerprint: 'f', updatedField: 'Comp_UpdatedDate', updated: '2026-01-31' };

  it('is the fingerprint, which tells the date as well', () => {
    assert.equal(eventIdOf(change), 'f');
    assert.equal(eventIdOf({ ...change, updated: undefined }), 'f');
  });

  describe('with a date that a fingerprint leaves out', () => {
    const outside = { ...change, updatedField: '$updated' };

    it('is the same for the same change, always', () => {
      assert.equal(eventIdOf(outside), eventIdOf({ ...outside }));
      assert.equal(
        eventIdOf({ ...outside, updated: null }),
        eventIdOf({ ...outside, updated: undefined }),
      );
    });

    it('differs for another date or version', () => {
      const ids = [
        outside,
        { ...outside, updated: '2026-02-01' },
        { ...outside, updated: null },
        { ...outside, fingerprint: 'g' },
      ].map(eventIdOf);
      assert.equal(new Set(ids).size, ids.length);
    });
  });
});

describe('deletionIdOf', () => {
  it('differs for another resource, record or date', () => {
    const date = '2026-01-31T10:00:00Z';
    const ids = [
      deletionIdOf('accounts', '43', date),
      deletionIdOf('contacts', '43', date),
      deletionIdOf('accounts', '44', date),
      deletionIdOf('accounts', '43', '2026-02-01T10:00:00Z'),
      deletionIdOf('a', 'b,c', date),
      deletionIdOf('a,b', 'c', date),
    ];
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids[0], deletionIdOf('accounts', '43', date));
  });
});
