import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createContentHash, eventIdOf } from '../../../src/event/content-hash';

const record = fc.dictionary(fc.string(), fc.jsonValue());

describe('a content hash', () => {
  const contentHash = createContentHash();

  it('does not depend on the order of the columns, at any depth', () => {
    fc.assert(
      fc.property(record, (columns) => {
        const backwards = Object.fromEntries(Object.entries(columns).reverse());
        assert.equal(contentHash(backwards), contentHash(columns));
      }),
    );
    assert.equal(
      contentHash({ a: { x: 1, y: [{ p: 1, q: 2 }] } }),
      contentHash({ a: { y: [{ q: 2, p: 1 }], x: 1 } }),
    );
  });

  it('is the same for a record that went through JSON', () => {
    fc.assert(
      fc.property(record, (columns) => {
        const copy = JSON.parse(JSON.stringify(columns)) as Record<string, unknown>;
        assert.equal(contentHash(copy), contentHash(columns));
      }),
    );
    assert.equal(contentHash({ a: 1, b: undefined }), contentHash({ a: 1 }));
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
    ].map(contentHash);
    assert.equal(new Set(hashes).size, hashes.length);
  });

  it('does not count what describes the answer: columns with $ in front', () => {
    const plain = contentHash({ Comp_Name: 'x' });
    assert.equal(contentHash({ Comp_Name: 'x', $key: 43, $url: 'u', $updated: 'now' }), plain);
    assert.notEqual(
      contentHash({ Comp_Name: 'x', inner: { $key: 1 } }),
      contentHash({ Comp_Name: 'x', inner: { $key: 2 } }),
    );
  });

  it('stays what it was when it was first stored', () => {
    const first = contentHash({ b: 'x', a: 1, $k: 2, c: { z: 1, y: [null] } });
    assert.equal(first, 'qIQ3NGFChFeK9uJ5uz09pPK1');
  });

  it('does not depend on the records before', () => {
    const column = fc.constantFrom('a', 'b', '10', '2', '$c');
    const alike = fc.array(fc.dictionary(column, fc.jsonValue({ maxDepth: 1 })));
    fc.assert(
      fc.property(alike, (records) => {
        const alone = records.map((each) => createContentHash()(each));
        assert.deepEqual(records.map(createContentHash()), alone);
      }),
    );
  });

  it('is short text that goes into a key or a log', () => {
    assert.match(contentHash({}), /^[\w-]{24}$/);
  });
});

describe('eventIdOf', () => {
  const change = { objectType: 'accounts', objectId: '43', updated: '2026-01-31', hash: 'h' };

  it('is the same for the same change, always', () => {
    assert.equal(eventIdOf(change), eventIdOf({ ...change }));
    assert.equal(eventIdOf(change), 'ynbOljFXWLPq4JqSQ7Q82P7X');
    assert.equal(
      eventIdOf({ ...change, updated: null }),
      eventIdOf({ ...change, updated: undefined }),
    );
  });

  it('differs for another resource, record, date or content', () => {
    const ids = [
      change,
      { ...change, objectType: 'contacts' },
      { ...change, objectId: '44' },
      { ...change, updated: '2026-02-01' },
      { ...change, updated: null },
      { ...change, hash: 'i' },
      { ...change, objectType: 'a', objectId: 'b,c' },
      { ...change, objectType: 'a,b', objectId: 'c' },
    ].map(eventIdOf);
    assert.equal(new Set(ids).size, ids.length);
  });
});
