import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { createDateReader } from '../../../src/template/record-date';
import { resolveZone } from '../../../src/template/zone';
import { errorOf } from './errors';

const DOCUMENTED = "yyyy-MM-dd'T'HH:mm:ss'Z'";

function reader(format = DOCUMENTED, zone = 'GMT', serverZone = 'UTC') {
  return createDateReader({
    format,
    zone: resolveZone(zone),
    serverZone: resolveZone(serverZone),
  });
}

function read(value: unknown, ...options: Parameters<typeof reader>): string | undefined {
  const found = reader(...options).read(value);
  if (found === undefined) return undefined;
  assert.equal(found.earliest, found.latest);
  return new Date(found.earliest).toISOString();
}

describe('a date of a record', () => {
  it('is read by the configured pattern in the configured zone first', () => {
    assert.equal(read('2017-06-27T23:00:00Z'), '2017-06-27T23:00:00.000Z');
    assert.equal(read('2017-06-27T23:00:00Z', DOCUMENTED, 'GMT+02:00'), '2017-06-27T21:00:00.000Z');
    assert.equal(
      read('03/04/2026 10:00', 'dd/MM/yyyy HH:mm', 'Europe/Berlin'),
      '2026-04-03T08:00:00.000Z',
    );
  });

  for (const [text, expected] of [
    ['2026-01-31T10:15:00+02:00', '2026-01-31T08:15:00.000Z'],
    ['2026-01-31T10:15:00.5Z', '2026-01-31T10:15:00.500Z'],
    ['2026-01-31T10:15:00,123456789Z', '2026-01-31T10:15:00.123Z'],
    ['2026-01-31 10:15:00 +0200', '2026-01-31T08:15:00.000Z'],
    ['2026-01-31T10:15:00-03', '2026-01-31T13:15:00.000Z'],
    ['2026-01-31t10:15z', '2026-01-31T10:15:00.000Z'],
    ['20260131T101500Z', '2026-01-31T10:15:00.000Z'],
    ['  2026-01-31T10:15:00+02:00 ', '2026-01-31T08:15:00.000Z'],
  ] as const) {
    it(`is read as ISO 8601 otherwise: ${text}`, () => {
      assert.equal(read(text), expected);
      assert.equal(read(text, 'dd/MM/yyyy', 'Asia/Tokyo', 'America/New_York'), expected);
    });
  }

  it("is in the server's zone when it is ISO 8601 without one", () => {
    const options = [DOCUMENTED, 'GMT', 'Europe/Berlin'] as const;
    assert.equal(read('2026-07-31T10:15:00', ...options), '2026-07-31T08:15:00.000Z');
    assert.equal(read('2026-07-31', ...options), '2026-07-30T22:00:00.000Z');
    assert.deepEqual(reader(...options).read('2026-10-25T02:30:00'), {
      earliest: Date.parse('2026-10-25T00:30:00Z'),
      latest: Date.parse('2026-10-25T01:30:00Z'),
    });
  });

  it('is read from the JSON form /Date(ms)/', () => {
    assert.equal(read('/Date(1769853615123)/'), '2026-01-31T10:00:15.123Z');
    assert.equal(read('/Date(1769853615123+0200)/'), '2026-01-31T10:00:15.123Z');
    assert.equal(read('/Date(-1000)/'), '1969-12-31T23:59:59.000Z');
  });

  it('is read from epoch milliseconds, as number or text', () => {
    assert.equal(read(1769853615123, 'milliseconds'), '2026-01-31T10:00:15.123Z');
    assert.equal(read('1769853615123', 'milliseconds'), '2026-01-31T10:00:15.123Z');
    assert.equal(read(1769853615123.9), '2026-01-31T10:00:15.123Z');
    assert.equal(read('2026-01-31T10:15:00Z', 'milliseconds'), '2026-01-31T10:15:00.000Z');
  });

  it('is read from a number the pattern describes', () => {
    assert.equal(read(20260131, 'yyyyMMdd'), '2026-01-31T00:00:00.000Z');
    assert.equal(read(1769853615123, 'yyyyMMdd'), '2026-01-31T10:00:15.123Z');
  });

  for (const value of [
    undefined,
    null,
    true,
    {},
    [],
    '',
    '   ',
    'soon',
    '0000-00-00 00:00:00',
    '2026-02-30T10:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T10:00:00+99:00',
    '2026-0131',
    '/Date(soon)/',
    NaN,
    Infinity,
    1e300,
  ]) {
    it(`is nothing for ${inspect(value)}`, () => {
      assert.equal(read(value), undefined);
    });
  }

  it('needs a pattern that is one', () => {
    errorOf('DATE_PATTERN_INVALID', () => reader('yyyy-bb'));
  });

  it('gives back every instant written as ISO 8601, whatever the zones', () => {
    const dates = reader('dd.MM.yyyy', 'Asia/Tokyo', 'America/New_York');
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          assert.equal(dates.read(date.toISOString())?.earliest, date.getTime());
        },
      ),
    );
  });
});
