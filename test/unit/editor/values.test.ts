import assert from 'node:assert/strict';
import {
  flagOf,
  isObject,
  numberOrText,
  sameJson,
  textOf,
  uniqueName,
} from '../../../nodes/editor/values';
import { parsedJson } from '../../../src/json/parsed-json';

describe('the text of a number field', () => {
  for (const [text, saved] of [
    ['15', 15],
    [' 0.25 ', 0.25],
    ['.5', 0.5],
    ['-1', -1],
    ['0', 0],
  ] as const) {
    it(`is saved as the number ${saved} when it is "${text}"`, () => {
      assert.equal(numberOrText(text), saved);
    });
  }

  for (const text of ['', '1e3', '0x10', '1,5', 'soon', '${INTERVAL}', 'Infinity']) {
    it(`is saved as text when it is "${text}"`, () => {
      assert.equal(numberOrText(` ${text} `), text);
    });
  }
});

describe('what a text field shows', () => {
  it('is the value itself for text, numbers and flags', () => {
    assert.deepEqual(['a', 15, false].map(textOf), ['a', '15', 'false']);
  });

  it('is empty for anything else', () => {
    assert.deepEqual([undefined, null, {}, []].map(textOf), ['', '', '', '']);
  });
});

describe('a flag', () => {
  it('may be the text that an imported instance holds', () => {
    assert.equal(flagOf('true', false), true);
    assert.equal(flagOf('false', true), false);
  });

  it('has its default when it is missing or something else', () => {
    for (const value of [undefined, null, '', 'yes', 1]) {
      assert.equal(flagOf(value, true), true);
      assert.equal(flagOf(value, false), false);
    }
  });
});

describe('a name for a new row', () => {
  const taken = new Set(['accounts', 'accounts2', 'leads9']);

  it('is the wanted one while it is free', () => {
    assert.equal(uniqueName('contacts', taken), 'contacts');
  });

  it('gets the first free number when it is taken', () => {
    assert.equal(uniqueName('accounts', taken), 'accounts3');
  });

  it('gets another number in place of the one it has', () => {
    assert.equal(uniqueName('leads9', taken), 'leads2');
  });
});

describe('JSON in a property', () => {
  it('is parsed, or undefined when it is none', () => {
    assert.deepEqual(parsedJson('{"a":[1]}'), { a: [1] });
    assert.equal(parsedJson('{"a":'), undefined);
    assert.equal(parsedJson('${RESOURCES}'), undefined);
  });

  it('is the same only with its keys in the same order', () => {
    assert.equal(sameJson({ a: 1, b: [2] }, { a: 1, b: [2] }), true);
    assert.equal(sameJson({ a: 1, b: 2 }, { b: 2, a: 1 }), false);
  });

  it('is an object only when it has keys', () => {
    assert.equal(isObject({}), true);
    assert.deepEqual([null, [], 'a', 1, undefined].map(isObject), [
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
