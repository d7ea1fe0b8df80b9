import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DateTime, FixedOffsetZone, IANAZone } from 'luxon';
import { translateWhere, type SDataDialect } from '../../../../src/sagecrm/where/translate';
import { selects, type DateOrder } from './support/sdata-reader';

const BERLIN = IANAZone.create('Europe/Berlin');
const UTC = FixedOffsetZone.utcInstance;

function inZone(zone: IANAZone, more: Partial<SDataDialect> = {}): SDataDialect {
  return { dateLiteral: '@', literalZone: zone, lessThan: true, serverZone: zone, ...more };
}

describe('Date literals in a zone with daylight saving', () => {
  // Clocks in Berlin go back from 03:00 to 02:00 at 01:00Z on 25 October 2026.
  const cases: [what: string, where: string, expected: string][] = [
    ['a lower bound in summer', "D>'2026-07-01T10:00:00Z'", 'D gt @2026-07-01T12:00:00@'],
    ['a lower bound in winter', "D>='2026-01-31T10:00:00Z'", 'D ge @2026-01-31T11:00:00@'],
    ['one well before the change', "D>'2026-10-24T23:59:59Z'", 'D gt @2026-10-25T01:59:59@'],
    [
      'one on the wall time the change leads to',
      "D>'2026-10-25T00:00:00Z'",
      'D ge @2026-10-25T02:00:00@',
    ],
    ['one in the first pass of the hour', "D>'2026-10-25T00:30:00Z'", 'D ge @2026-10-25T02:00:00@'],
    ['the same, inclusive', "D>='2026-10-25T00:30:00Z'", 'D ge @2026-10-25T02:00:00@'],
    ['one right before the change', "D>'2026-10-25T00:59:59Z'", 'D ge @2026-10-25T02:00:00@'],
    ['one at the change', "D>'2026-10-25T01:00:00Z'", 'D gt @2026-10-25T02:00:00@'],
    ['one in the second pass', "D>'2026-10-25T01:30:00Z'", 'D gt @2026-10-25T02:30:00@'],
    ['an upper bound in the first pass', "D<'2026-10-25T00:30:00Z'", 'D lt @2026-10-25T02:30:00@'],
    ['an upper bound in the second pass', "D<'2026-10-25T01:30:00Z'", 'D lt @2026-10-25T03:00:00@'],
    ['the same, inclusive', "D<='2026-10-25T01:30:00Z'", 'D le @2026-10-25T02:59:59@'],
    ['an upper bound after it', "D<='2026-10-25T02:30:00Z'", 'D le @2026-10-25T03:30:00@'],
    [
      'both bounds in the repeated hour',
      "D between '2026-10-25T00:30:00Z' and '2026-10-25T01:30:00Z'",
      'D between @2026-10-25T02:00:00@ and @2026-10-25T02:59:59@',
    ],
    [
      'an equal date in the repeated hour',
      "D='2026-10-25T00:30:00Z'",
      'D eq @2026-10-25T02:30:00@',
    ],
    ['an unequal one, which must not leave out its twin', "D!='2026-10-25T00:30:00Z'", 'D ne null'],
    ['an unequal date at another time', "D!='2026-10-25T02:30:00Z'", 'D ne @2026-10-25T03:30:00@'],
    [
      'a text without zone: the earlier moment for a lower bound',
      "D>'2026-10-25T02:30:00'",
      'D ge @2026-10-25T02:00:00@',
    ],
    [
      'a text without zone: the later moment for an upper bound',
      "D<'2026-10-25T02:30:00'",
      'D lt @2026-10-25T03:00:00@',
    ],
    ['an equal text without zone', "D<>'2026-10-25T02:30:00'", 'D ne @2026-10-25T02:30:00@'],
    [
      'a text in the hour that spring leaves out',
      "D>'2026-03-29T02:30:00'",
      'D gt @2026-03-29T02:30:00@',
    ],
    ['a denied upper bound', "not D<='2026-10-25T00:30:00Z'", 'D ge @2026-10-25T02:00:00@'],
  ];
  for (const [what, where, expected] of cases) {
    it(`are printed without loss for ${what}`, () => {
      assert.equal(translateWhere(where, inZone(BERLIN)), expected);
    });
  }

  it('take the earlier of two moments to another zone as a lower bound, the later as an upper', () => {
    const dialect = inZone(BERLIN, { literalZone: UTC });
    assert.equal(translateWhere("D>'2026-10-25 02:30'", dialect), 'D gt @2026-10-25T00:30:00@');
    assert.equal(translateWhere("D<'2026-10-25 02:30'", dialect), 'D lt @2026-10-25T01:30:00@');
    assert.equal(
      translateWhere("D='2026-10-25 02:30'", dialect),
      'D eq @2026-10-25T00:30:00@ or D eq @2026-10-25T01:30:00@',
    );
    assert.equal(translateWhere("D!='2026-10-25 02:30'", dialect), 'D ne null');
    assert.equal(translateWhere("D>'2026-03-29 02:30'", dialect), 'D gt @2026-03-29T00:30:00@');
  });

  it('stay within what the server can hold', () => {
    const east = inZone(IANAZone.create('Asia/Tokyo'));
    const west = inZone(IANAZone.create('America/New_York'));
    assert.equal(translateWhere("D>'1753-01-01T00:00Z'", west), 'D gt @1753-01-01T00:00:00@');
    assert.equal(translateWhere("D<'9999-12-31T23:59Z'", east), 'D lt @9999-12-31T23:59:59@');
  });

  it('keep their own form when the server is to read it', () => {
    const dialect = inZone(BERLIN, { literalZone: 'keep' });
    assert.equal(translateWhere("D>'2026-10-25T02:30:00'", dialect), 'D gt @2026-10-25T02:30:00@');
    assert.equal(translateWhere("D!='2026-10-25T00:30Z'", dialect), 'D ne @2026-10-25T00:30:00Z@');
  });
});

interface Change {
  zone: IANAZone;
  /** The moment at which clocks are put back. */
  at: number;
}

const CHANGES: readonly Change[] = [
  ['Europe/Berlin', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['America/Sao_Paulo', '2018-02-18T02:00:00Z'],
  ['Europe/Berlin', '2026-03-29T01:00:00Z'],
].map(([name, at]) => ({ zone: IANAZone.create(String(name)), at: Date.parse(String(at)) }));

/** A server that stores and compares the wall time of its zone, as text. */
function walls(zone: IANAZone): DateOrder {
  return {
    ofRow: (date) => wallText(date.getTime(), zone),
    ofLiteral: (text) => text,
  };
}

function wallText(moment: number, zone: IANAZone): string {
  return DateTime.fromMillis(moment, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss");
}

const TESTS: Readonly<Record<string, (row: number, value: number) => boolean>> = {
  '>': (row, value) => row > value,
  '>=': (row, value) => row >= value,
  '<': (row, value) => row < value,
  '<=': (row, value) => row <= value,
  '=': (row, value) => row === value,
  '!=': (row, value) => row !== value,
};

/** Seconds about the change, dense near it. */
const offsets = fc.oneof(
  fc.integer({ min: -7300, max: 7300 }),
  fc.constantFrom(-3601, -3600, -1801, -1800, -1, 0, 1, 1799, 1800, 3599, 3600),
  fc.integer({ min: -100_000, max: 100_000 }),
);

describe('A server that compares wall times across the repeated hour', () => {
  it('returns every record the moments ask for', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CHANGES),
        fc.constantFrom(...Object.keys(TESTS)),
        offsets,
        fc.array(offsets, { minLength: 20, maxLength: 30 }),
        fc.record({ bare: fc.boolean(), lessThan: fc.boolean() }),
        ({ zone, at }, operator, offset, rows, { bare, lessThan }) => {
          const value = at + offset * 1000;
          const text = bare ? wallText(value, zone) : new Date(value).toISOString();
          const clause = translateWhere(`D ${operator} '${text}'`, inZone(zone, { lessThan }));
          const test = TESTS[operator];
          for (const row of [...rows, offset].map((seconds) => at + seconds * 1000)) {
            // A text without zone in the same zone asks an unequal wall time, not a moment.
            if (bare && operator === '!=') continue;
            if (test?.(row, value) !== true) continue;
            const record = { D: new Date(row) };
            assert.ok(selects(clause, record, walls(zone), lessThan), `${clause} lost ${row}`);
          }
        },
      ),
      { numRuns: 600 },
    );
  });

  it('returns nothing else unless the repeated hour is near', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CHANGES),
        fc.constantFrom(...Object.keys(TESTS)),
        fc.integer({ min: 7200, max: 200_000 }),
        fc.boolean(),
        fc.array(fc.integer({ min: 7200, max: 200_000 }), { minLength: 20, maxLength: 30 }),
        ({ zone, at }, operator, offset, lessThan, rows) => {
          const value = at + offset * 1000;
          const where = `D ${operator} '${new Date(value).toISOString()}'`;
          const clause = translateWhere(where, inZone(zone, { lessThan }));
          for (const row of rows.map((seconds) => at + seconds * 1000)) {
            assert.equal(
              selects(clause, { D: new Date(row) }, walls(zone), lessThan),
              TESTS[operator]?.(row, value),
              clause,
            );
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
