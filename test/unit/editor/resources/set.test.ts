import assert from 'node:assert/strict';
import {
  readResources,
  savedNames,
  savedResources,
  writeResources,
  type NamedResource,
} from '../../../../nodes/editor/resources/set';
import { defaultResources } from '../../../../src/config/defaults';

/** The rows of a list that shows `property`, none of them changed. */
function rowsOf(property: unknown): NamedResource[] {
  return structuredClone(readResources(property) ?? []);
}

describe('the list of resources', () => {
  it('shows the documented five when the flow holds none', () => {
    const keys = ['accounts', 'contacts', 'leads', 'opportunities', 'users'];
    assert.deepEqual(
      readResources(undefined)?.map(({ key }) => key),
      keys,
    );
    assert.deepEqual(savedResources(rowsOf(null)), defaultResources());
  });

  it('shows an object and its JSON text alike, in its order', () => {
    const resources = { leads: { url: '/b' }, accounts: { url: '/a' } };
    const rows = [
      { key: 'leads', value: { url: '/b' } },
      { key: 'accounts', value: { url: '/a' } },
    ];
    assert.deepEqual(readResources(resources), rows);
    assert.deepEqual(readResources(JSON.stringify(resources)), rows);
  });

  it('shows an entry that is no object as an empty one', () => {
    assert.deepEqual(readResources({ odd: 'text' }), [{ key: 'odd', value: {} }]);
  });

  it('cannot show other text, a variable or a list', () => {
    assert.equal(readResources('${RESOURCES}'), undefined);
    assert.equal(readResources('{"accounts":'), undefined);
    assert.equal(readResources([]), undefined);
  });
});

describe('saving the list of resources', () => {
  for (const [what, property] of Object.entries({
    'an object': { leads: { url: '/b', note: 1 }, accounts: { url: '/a' } },
    'JSON text, its blanks included': '{ "accounts": {"url": "/a"} }',
    'a missing property': undefined,
    'a variable': '${RESOURCES}',
    'text that is no JSON': '{"accounts":',
    'an entry that is no object': { odd: 'text' },
    'an empty object': {},
  })) {
    it(`gives back ${what} when nothing was changed`, () => {
      assert.equal(writeResources(property, rowsOf(property)), property);
    });
  }

  it('gives an object when a row was changed, JSON text or not', () => {
    const property = '{"accounts":{"url":"/a"}}';
    const rows = [{ key: 'accounts', value: { url: '/b' } }];
    assert.deepEqual(writeResources(property, rows), { accounts: { url: '/b' } });
  });

  it('takes a new name, a new order and a removal for a change', () => {
    const property = { a: { url: '/a' }, b: { url: '/b' } };
    const [a, b] = rowsOf(property);
    assert.ok(a && b);
    assert.deepEqual(writeResources(property, [{ ...a, key: 'c' }, b]), {
      c: { url: '/a' },
      b: { url: '/b' },
    });
    assert.deepEqual(Object.keys(writeResources(property, [b, a]) as object), ['b', 'a']);
    assert.deepEqual(writeResources(property, [b]), { b: { url: '/b' } });
    assert.deepEqual(writeResources(property, []), {});
  });

  it('puts a row that was added in the place of a variable', () => {
    const rows = [{ key: 'accounts', value: { url: '/a' } }];
    assert.deepEqual(writeResources('${RESOURCES}', rows), { accounts: { url: '/a' } });
  });
});

describe('the name a row is saved under', () => {
  it('is its own without blanks around it', () => {
    assert.deepEqual(savedNames(['accounts', ' leads ']), ['accounts', 'leads']);
  });

  it('gets a number when it is missing or taken, so that no row is lost', () => {
    assert.deepEqual(savedNames(['', 'leads', 'leads', ' ', 'leads']), [
      'resource',
      'leads',
      'leads2',
      'resource2',
      'leads3',
    ]);
  });
});
