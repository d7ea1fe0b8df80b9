import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  checkForEditor,
  flag,
  isEnvironmentReference,
  isoDate,
  numeric,
  objectOrJson,
  text,
  textList,
} from '../../../src/config/fields';
import { check, parseOrThrow } from '../../../src/config/problems';
import { z } from 'zod';

describe('numeric', () => {
  const field = numeric({ min: -5, max: 100, fallback: 7 });

  it('takes any number in its range, and the same number as text', () => {
    const numbers = fc.double({ min: -5, max: 100, noNaN: true });
    fc.assert(
      fc.property(numbers, (value) => {
        assert.equal(parseOrThrow(field, value), value);
        const written = value.toFixed(6);
        assert.equal(parseOrThrow(field, ` ${written} `), Number(written));
      }),
    );
  });

  it('takes fractions without a digit before or after the point', () => {
    assert.equal(parseOrThrow(field, '.5'), 0.5);
    assert.equal(parseOrThrow(field, '5.'), 5);
    assert.equal(parseOrThrow(field, '+5'), 5);
  });

  it('takes absent, null and empty for its default', () => {
    for (const value of [undefined, null, '']) assert.equal(parseOrThrow(field, value), 7);
  });

  it('refuses everything else, with its range', () => {
    for (const value of [' ', 'ten', '1e2', '0x10', '1,5', '1 000', 101, -6, NaN, Infinity, {}]) {
      assert.deepEqual(check(field, value), [
        { path: '', message: 'expected a number from -5 to 100' },
      ]);
    }
  });
});

describe('flag', () => {
  it('takes booleans and their text', () => {
    for (const value of [true, 'true']) assert.equal(parseOrThrow(flag(false), value), true);
    for (const value of [false, 'false']) assert.equal(parseOrThrow(flag(true), value), false);
  });

  it('takes absent, null and empty for its default', () => {
    for (const value of [undefined, null, '']) assert.equal(parseOrThrow(flag(true), value), true);
  });

  it('refuses what might mean either', () => {
    for (const value of ['yes', 'on', 1, 0, []]) {
      assert.equal(check(flag(false), value)[0]?.message, 'expected true or false');
    }
  });
});

describe('text', () => {
  it('loses surrounding blanks and refuses what is no text', () => {
    assert.equal(parseOrThrow(text(), ' a b '), 'a b');
    assert.equal(parseOrThrow(text('x'), null), 'x');
    assert.equal(check(text(), 5)[0]?.message, 'expected text');
  });
});

describe('textList', () => {
  it('takes a list, or text with commas, without empty items', () => {
    assert.deepEqual(parseOrThrow(textList(), ['a ', '', 'b']), ['a', 'b']);
    assert.deepEqual(parseOrThrow(textList(), 'a, b,,'), ['a', 'b']);
    assert.deepEqual(parseOrThrow(textList(), undefined), []);
  });
});

describe('isoDate', () => {
  it('takes dates with and without a time, and nothing else', () => {
    for (const value of ['2026-01-31', '2026-01-31T10:15:00Z', '2026-01-31T10:15+01:00']) {
      assert.equal(parseOrThrow(isoDate(), value), value);
    }
    for (const value of ['2026-02-30', '31.01.2026', 'yesterday', '', 5]) {
      assert.match(check(isoDate(), value)[0]?.message ?? '', /a date such as/);
    }
  });
});

describe('objectOrJson', () => {
  it('reads an object and its text alike, and says why text is not JSON', () => {
    const field = objectOrJson(z.object({ a: z.number() }));
    assert.deepEqual(parseOrThrow(field, { a: 1 }), { a: 1 });
    assert.deepEqual(parseOrThrow(field, '{"a": 1}'), { a: 1 });
    assert.match(check(field, '{"a": }')[0]?.message ?? '', /expected a JSON object \(.+\)/);
    assert.equal(check(field, '{"a": "x"}')[0]?.path, 'a');
  });
});

describe('isEnvironmentReference', () => {
  it('is true for one variable as the whole value', () => {
    for (const value of ['${CRM_HOST}', ' ${crm.host} ', '${$parent.X}']) {
      assert.equal(isEnvironmentReference(value), true, value);
    }
  });

  it('is false for a template in a URL and for anything else', () => {
    for (const value of [
      "/hubs/crm/accounts?where=a>'${gmtDate:yyyy}'",
      '${gmtDate:yyyy-MM-dd}',
      'https://${CRM_HOST}',
      '${A}${B}',
      '${}',
      '${1A}',
      5,
      undefined,
    ]) {
      assert.equal(isEnvironmentReference(value), false, String(value));
    }
  });

  it('keeps a field from being judged in the editor, and no other', () => {
    const schema = z.object({ a: z.string().length(1), b: z.number(), c: z.number() });
    assert.deepEqual(
      checkForEditor(schema, { a: '${A}', b: 'B' }).map(({ path }) => path),
      ['b', 'c'],
    );
    assert.deepEqual(checkForEditor(schema, 5), [{ path: '', message: 'expected an object' }]);
  });
});
