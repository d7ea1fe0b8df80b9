import assert from 'node:assert/strict';
import { createFieldReader, idText } from '../../../src/event/record-fields';

describe('createFieldReader', () => {
  it('finds a column regardless of case', () => {
    const reader = createFieldReader('Comp_UpdatedDate');
    assert.equal(reader.read({ Comp_UpdatedDate: 1 }), 1);
    assert.equal(reader.read({ comp_updateddate: 2 }), 2);
    assert.equal(reader.read({ COMP_UPDATEDDATE: 3, other: 4 }), 3);
    assert.equal(reader.read({ Comp_UpdatedBy: 5 }), undefined);
  });

  it('prefers the spelling that was asked for', () => {
    const record = { comp_name: 'lower', Comp_Name: 'asked' };
    assert.equal(createFieldReader('Comp_Name').read(record), 'asked');
  });

  it('finds its column in every record, however each is written', () => {
    const reader = createFieldReader('Comp_Name');
    const found = [{ comp_name: 1 }, { Comp_Name: 2 }, { COMP_NAME: 3 }, {}, { comp_name: 4 }].map(
      (record) => reader.read(record),
    );
    assert.deepEqual(found, [1, 2, 3, undefined, 4]);
  });

  it('takes key and $key for one another, the one asked for first', () => {
    assert.equal(createFieldReader('key').read({ $key: 43 }), 43);
    assert.equal(createFieldReader('$key').read({ KEY: '43' }), '43');
    assert.equal(createFieldReader('key').read({ $key: 1, key: 2 }), 2);
    assert.equal(createFieldReader('$key').read({ key: 2, $key: 1 }), 1);
  });

  it('follows a path into nested objects', () => {
    const reader = createFieldReader('User.Id');
    assert.equal(reader.read({ user: { id: 7 } }), 7);
    assert.equal(reader.read({ user: { $key: 7 } }), undefined);
    assert.equal(createFieldReader('user.key').read({ User: { $key: 8 } }), 8);
    for (const user of [undefined, null, 5, 'text', [{ id: 1 }]]) {
      assert.equal(reader.read({ user }), undefined);
    }
  });

  it('takes a column whose name holds a dot before a path', () => {
    const record = { 'user.id': 'column', user: { id: 'path' } };
    assert.equal(createFieldReader('user.id').read(record), 'column');
  });

  it('tells null from missing', () => {
    assert.equal(createFieldReader('a').read({ A: null }), null);
  });

  it('finds nothing that every object has', () => {
    assert.equal(createFieldReader('constructor').read({}), undefined);
    assert.equal(createFieldReader('__proto__').read({}), undefined);
  });
});

describe('idText', () => {
  it('is text for text and numbers', () => {
    assert.equal(idText(43), '43');
    assert.equal(idText(0), '0');
    assert.equal(idText(' 43 '), '43');
    assert.equal(idText('a-b'), 'a-b');
    assert.equal(idText(10n ** 20n), '100000000000000000000');
  });

  it('is missing for everything else', () => {
    for (const value of ['', ' ', null, undefined, true, {}, ['43']]) {
      assert.equal(idText(value), undefined);
    }
  });
});
