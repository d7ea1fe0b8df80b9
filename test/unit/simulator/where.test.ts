import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ColumnType, RowFields } from '../../simulator/entities';
import { ServerDates } from '../../simulator/server-dates';
import { compileWhere } from '../../simulator/where/evaluator';
import { HUB_DIALECT, sdataDialect, type Dialect } from '../../simulator/where/expression';
import { WhereError } from '../../simulator/where/tokenizer';

const COLUMNS: Record<string, ColumnType> = {
  Id: 'number',
  Name: 'text',
  Nothing: 'text',
  Updated: 'date',
  Spoilt: 'date',
  Active: 'boolean',
};

const ROW: RowFields = {
  Id: 43,
  Name: "Baker's 50%",
  Nothing: null,
  Updated: '2026-01-31T10:00:00Z',
  Spoilt: 'next week',
  Active: true,
};

function matches(clause: string, dialect: Dialect, zone = 'UTC'): boolean {
  const names = new Map(Object.keys(COLUMNS).map((name) => [name.toLowerCase(), name]));
  const test = compileWhere(clause, {
    column(wanted) {
      const name = names.get(wanted.toLowerCase());
      const type = name === undefined ? undefined : COLUMNS[name];
      return name === undefined || type === undefined ? undefined : { name, type };
    },
    dialect,
    dates: new ServerDates(zone, 'Z'),
  });
  return test(ROW);
}

const SDATA = sdataDialect({ literal: 'both', acceptsLessThan: false });

describe('the where clause of the hub API', () => {
  const table: [string, boolean][] = [
    ["Updated>'2026-01-31T09:59:59Z'", true],
    ["Updated>'2026-01-31T10:00:00Z'", false],
    ["Updated>='2026-01-31T10:00:00Z'", true],
    ["Updated<'2026-01-31T10:00:00Z'", false],
    ["Updated <= '2026-01-31T10:00:00Z'", true],
    ["Updated = '2026-01-31T12:00:00+02:00'", true],
    ["Updated>'2026-01-31'", true],
    ["Updated between '2026-01-31' and '2026-01-31T10:00:00Z'", true],
    ["Updated between '2026-02-01' and '2026-03-01'", false],
    ["updated>'2026-01-31T09:59:59Z'", true],
    ["Spoilt>'2026-01-31'", true],
    ['Id=43', true],
    ["Id = '43'", true],
    ['Id != 43', false],
    ['Id<>44', true],
    ['Id>-5', true],
    ['Id > 42.5', true],
    ['Id in (1, 2, 43)', true],
    ["Id in ('1','2')", false],
    ['Id not in (1, 2)', true],
    ["Name = 'BAKER''S 50%'", true],
    ["Name > 'baker'", true],
    ["Name like 'bak%'", true],
    ["Name like 'B_ker%'", true],
    ["Name like 'ker'", false],
    ["Name not like '%.%'", true],
    ['Active = true', true],
    ["Active = 'false'", false],
    ['Nothing is null', true],
    ['Nothing is not null', false],
    ['Name is not null', true],
    ["Nothing = 'x'", false],
    ["Nothing != 'x'", false],
    ["not Nothing = 'x'", false],
    ["Nothing = 'x' or Id = 43", true],
    ["Nothing = 'x' and Id = 43", false],
    ["not (Nothing = 'x' and Id = 44)", true],
    ["not (Nothing = 'x' or Id = 43)", false],
    ['not Id = 44', true],
    ['not not Id = 43', true],
    ['Id = 43 or Id = 44 and Id = 45', true],
    ['(Id = 43 or Id = 44) and Id = 45', false],
    ['((Id = 43))', true],
    ["ID = 43 AND NAME LIKE 'b%' AND UPDATED IS NOT NULL", true],
    ['  Id=43\n', true],
  ];
  for (const [clause, expected] of table) {
    it(`${expected ? 'finds' : 'does not find'} the row by ${clause}`, () => {
      assert.equal(matches(clause, HUB_DIALECT), expected);
    });
  }

  it('reads a date without a zone in the zone of the server', () => {
    assert.equal(matches("Updated='2026-01-31T11:00:00'", HUB_DIALECT, 'Europe/Berlin'), true);
  });

  const refused: [string, RegExp][] = [
    ['', /ends where a column is expected \(at character 1\)/],
    ['Id', /ends where an operator is expected/],
    ['Id =', /ends where a value is expected/],
    ['Id eq 43', /"eq" stands where an operator/],
    ['Id = 43 and', /ends where a column/],
    ['Id = 43 Name', /"Name" stands where the end/],
    ['(Id = 43', /ends where "\)"/],
    ['Id in ()', /"\)" stands where a value/],
    ['Id in 43', /"43" stands where "\("/],
    ['Id between 1, 2', /"," stands where "and"/],
    ['Nothing is empty', /"empty" stands where "null"/],
    ["Name = 'Baker", /The ' is never closed \(at character 8\)/],
    ["Name = 'Baker's'", /"s" stands|never closed/],
    ['Name = Baker', /"Baker" stands where a value/],
    ['Id = 43; drop', /";" is not understood/],
    ['43 = Id', /"43" stands where a column/],
    ['Comp_Colour = 1', /Invalid column name 'Comp_Colour' \(at character 1\)/],
    ["Id = 'many'", /"many" is not a number/],
    ["Id = ''", /"" is not a number/],
    ["Updated > 'soon'", /"soon" is not a date here/],
    ["Updated > '2026-01-31T10:00:00 02:00'", /is not a date here/],
    ['Updated > 2026', /"2026" is not a date here/],
    ['Updated > @2026-01-31@', /"2026-01-31" stands where a value/],
  ];
  for (const [clause, message] of refused) {
    it(`refuses "${clause}"`, () => {
      assert.throws(
        () => matches(clause, HUB_DIALECT),
        (error) => error instanceof WhereError && message.test(error.message),
      );
    });
  }
});

describe('the where clause of the SData API', () => {
  const table: [string, boolean][] = [
    ['Updated gt @2026-01-31@', true],
    ['Updated gt @2026-01-31T10:00:00@', false],
    ['Updated ge @2026-01-31T12:00:00+02:00@', true],
    ['Updated ge @2026-01-31T10:00:01Z@', false],
    ["Updated ge '2026-01-31T10:00:00'", true],
    ['updated between @2026-01-31T10:00:00@ and @2026-02-01@', true],
    ['Id eq 43', true],
    ["Id in ('43','45')", true],
    ['Id ne 43', false],
    ["Name eq 'Baker''s 50%' and Id eq 43", true],
    ["(Id eq 1 or Id eq 43) and Name like '%50%'", true],
    ['ID GE 43 AND ID GT 42', true],
  ];
  for (const [clause, expected] of table) {
    it(`${expected ? 'finds' : 'does not find'} the row by ${clause}`, () => {
      assert.equal(matches(clause, SDATA), expected);
    });
  }

  for (const clause of [
    'Id lt 44',
    'Id le 44',
    'Id > 42',
    'Id = 43',
    'not Id eq 44',
    'Nothing is null',
    'Updated gt @soon@',
    'Updated gt @2026-01-31',
    'Id eq @2026-01-31@',
  ]) {
    it(`refuses "${clause}"`, () => {
      assert.throws(() => matches(clause, SDATA), WhereError);
    });
  }

  it('knows lt and le on a server that accepts them', () => {
    const lenient = sdataDialect({ literal: 'both', acceptsLessThan: true });
    assert.equal(matches('Id lt 44 and Id le 43', lenient), true);
    assert.equal(matches('Id lt 43', lenient), false);
  });

  it('takes dates between @ only, where that is the style', () => {
    const at = sdataDialect({ literal: '@', acceptsLessThan: false });
    assert.equal(matches("Updated ge @2026-01-31@ and Name like 'b%'", at), true);
    assert.throws(() => matches("Updated ge '2026-01-31'", at), WhereError);
  });

  it('takes quoted dates only, where that is the style', () => {
    const quoted = sdataDialect({ literal: "'", acceptsLessThan: false });
    assert.equal(matches("Updated ge '2026-01-31'", quoted), true);
    assert.throws(() => matches('Updated ge @2026-01-31@', quoted), WhereError);
  });
});
