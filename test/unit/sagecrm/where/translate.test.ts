import assert from 'node:assert/strict';
import { FixedOffsetZone, IANAZone } from 'luxon';
import { SageCrmError } from '../../../../src/errors/sagecrm-error';
import { translateWhere, type SDataDialect } from '../../../../src/sagecrm/where/translate';

type Table = Readonly<Record<string, string>>;

const FULL: SDataDialect = {
  dateLiteral: '@',
  literalZone: 'keep',
  lessThan: true,
  serverZone: FixedOffsetZone.utcInstance,
};
const LISTED: SDataDialect = { ...FULL, lessThan: false };

function itTranslates(table: Table, dialect: SDataDialect): void {
  for (const [where, expected] of Object.entries(table)) {
    it(`${where.trim()} → ${expected}`, () => {
      assert.equal(translateWhere(where, dialect), expected);
    });
  }
}

function refusal(where: string, dialect: SDataDialect): SageCrmError {
  try {
    translateWhere(where, dialect);
  } catch (error) {
    assert.ok(error instanceof SageCrmError);
    assert.equal(error.code, 'WHERE_INVALID');
    return error;
  }
  assert.fail(`${where} was not refused`);
}

describe('translateWhere', () => {
  describe('puts every operator into the form Sage lists', () => {
    itTranslates(
      {
        "Comp_UpdatedDate>'2026-01-31T10:00:00Z'": 'Comp_UpdatedDate gt @2026-01-31T10:00:00Z@',
        'a > 1': 'a gt 1',
        'a >= 1': 'a ge 1',
        'a < 1': 'a lt 1',
        'a <= 1': 'a le 1',
        'a = 1': 'a eq 1',
        'a == 1': 'a eq 1',
        'a != 1': 'a ne 1',
        'a <> 1': 'a ne 1',
        'a eq 1': 'a eq 1',
        'a NE 1': 'a ne 1',
        'a Gt 1': 'a gt 1',
        'a ge 1': 'a ge 1',
        'a lt 1': 'a lt 1',
        'a le 1': 'a le 1',
        "a LIKE 'Smith%'": "a like 'Smith%'",
        "a in ('x','y')": "a eq 'x' or a eq 'y'",
        "a in ('x')": "a eq 'x'",
        "a not in ('x', 2)": "a ne 'x' and a ne 2",
        "a in ('x', null)": "a eq 'x' or a eq null",
        'a between 1 and 5': 'a between 1 and 5',
        "a between 'a' and 'b'": "a between 'a' and 'b'",
        'a not between 1 and 5': 'a lt 1 or a gt 5',
        'a is null': 'a eq null',
        'a IS NOT NULL': 'a ne null',
        'a = null': 'a eq null',
        'a = true': 'a eq true',
        'a <> FALSE': 'a ne false',
        '\n\ta=1\u00a0': 'a eq 1',
        '$key = 43': '$key eq 43',
        'user.id_2 = 1': 'user.id_2 eq 1',
      },
      FULL,
    );
  });

  describe('keeps the order of binding and writes as few parentheses as it takes', () => {
    itTranslates(
      {
        'a=1 or b=2 and c=3': 'a eq 1 or b eq 2 and c eq 3',
        '(a=1 or b=2) and c=3': '(a eq 1 or b eq 2) and c eq 3',
        'a=1 and (b=2 or c=3)': 'a eq 1 and (b eq 2 or c eq 3)',
        'a=1 or (b=2 and c=3)': 'a eq 1 or b eq 2 and c eq 3',
        '((a=1)) and (b=2 and (c=3))': 'a eq 1 and b eq 2 and c eq 3',
        'a=1 AND b in (2,3)': 'a eq 1 and (b eq 2 or b eq 3)',
        'a=1 or b in (2,3)': 'a eq 1 or b eq 2 or b eq 3',
        'a in (1) and b=2': 'a eq 1 and b eq 2',
        'a between 1 and 2 and b=3 or c=4': 'a between 1 and 2 and b eq 3 or c eq 4',
        'not a between 1 and 2 and b=3': '(a lt 1 or a gt 2) and b eq 3',
      },
      FULL,
    );
  });

  describe('carries a not down to the conditions', () => {
    itTranslates(
      {
        'not a = 1': 'a ne 1',
        'not a != 1': 'a eq 1',
        'not a > 1': 'a le 1',
        'not a >= 1': 'a lt 1',
        'not a < 1': 'a ge 1',
        'not a <= 1': 'a gt 1',
        'not a is null': 'a ne null',
        'not not a = 1': 'a eq 1',
        'not a = 1 and b = 2': 'a ne 1 and b eq 2',
        'not (a = 1 and b = 2)': 'a ne 1 or b ne 2',
        'not (a = 1 or b = 2) and c = 3': 'a ne 1 and b ne 2 and c eq 3',
        'not (a = 1 and (b = 2 or not c = 3))': 'a ne 1 or b ne 2 and c eq 3',
        "not (a not like 'x%')": "a like 'x%'",
        'not (a not in (1,2))': 'a eq 1 or a eq 2',
        'not (a not between 1 and 2)': 'a between 1 and 2',
      },
      FULL,
    );

    it('and refuses what is left of not like, at the like', () => {
      assert.equal(refusal("b=1 and not a like 'x'", FULL).details.position, 14);
      const error = refusal("a not like 'x'", FULL);
      assert.equal(error.details.position, 2);
      assert.equal(
        error.message,
        'The where clause cannot be put to this server: it has no form of not like (character 3): ' +
          'leave this condition out and filter in the flow',
      );
    });
  });

  describe('keeps texts and numbers to the letter', () => {
    itTranslates(
      {
        "a = 'O''Neill'": "a eq 'O''Neill'",
        "a = ''": "a eq ''",
        "a = ''''": "a eq ''''",
        "a = 'and (b = 1) or @'": "a eq 'and (b = 1) or @'",
        "a = '43'": "a eq '43'",
        "a = 'é%“'": "a eq 'é%“'",
        'a = -12.50': 'a eq -12.50',
        'a = 9007199254740993': 'a eq 9007199254740993',
        "a like '2026-01-31'": "a like '2026-01-31'",
        "a = '2026'": "a eq '2026'",
        "a = '2026-01-31 around noon'": "a eq '2026-01-31 around noon'",
        "a between '2026-01-31' and 'z'": "a between '2026-01-31' and 'z'",
      },
      FULL,
    );
  });

  describe('knows a date by its form', () => {
    itTranslates(
      {
        "a > '2026-01-31'": 'a gt @2026-01-31@',
        'a > @2026-01-31@': 'a gt @2026-01-31@',
        "a = '2026-01-31 10:00'": 'a eq @2026-01-31T10:00:00@',
        "a != '2026-01-31t10:00:00.000z'": 'a ne @2026-01-31T10:00:00Z@',
        "a >= '2026-01-31T10:00:00.5'": 'a ge @2026-01-31T10:00:00.500@',
        'a > @2026-01-31T10:00:00+02:00@': 'a gt @2026-01-31T10:00:00+02:00@',
        "a > '2026-01-31T10:00:00-0330'": 'a gt @2026-01-31T10:00:00-0330@',
        "a in ('2026-01-31', 'x')": "a eq @2026-01-31@ or a eq 'x'",
        "a between '2026-01-31' and @2026-02-28T23:59:59Z@":
          'a between @2026-01-31@ and @2026-02-28T23:59:59Z@',
      },
      FULL,
    );
  });

  describe('writes dates in quotes where the server wants that', () => {
    itTranslates(
      {
        'a > @2026-01-31T10:00:00Z@': "a gt '2026-01-31T10:00:00Z'",
        "a between '2026-01-31' and '2026-02-01'": "a between '2026-01-31' and '2026-02-01'",
      },
      { ...FULL, dateLiteral: "'" },
    );
  });

  describe('writes dates in the zone of the literals, reading bare ones in that of the server', () => {
    itTranslates(
      {
        "a > '2026-01-31T10:00:00Z'": 'a gt @2026-01-31T05:00:00@',
        "a > '2026-01-31T10:00:00.250+02:00'": 'a gt @2026-01-31T03:00:00.250@',
        "a > '2026-01-31T10:00:00'": 'a gt @2026-01-30T20:00:00@',
        "a = '2026-01-31'": 'a eq @2026-01-30T10:00:00@',
        "a in ('2026-01-31T10:00Z')": 'a eq @2026-01-31T05:00:00@',
        "a <= '2026-07-01T10:00:00Z'": 'a le @2026-07-01T06:00:00@',
      },
      {
        ...FULL,
        literalZone: IANAZone.create('America/New_York'),
        serverZone: IANAZone.create('Asia/Tokyo'),
      },
    );
  });

  describe('replaces less-than where the server has none', () => {
    itTranslates(
      {
        'a <= 5': 'a between -9007199254740991 and 5',
        'a < 5.5': 'a between -9007199254740991 and 5.5 and a ne 5.5',
        'not (a < 5 and b = 1)': 'a ge 5 or b ne 1',
        'not a >= 5 or b = 1': 'a between -9007199254740991 and 5 and a ne 5 or b eq 1',
        'not a between 1 and 5': 'a between -9007199254740991 and 1 and a ne 1 or a gt 5',
        "a <= '2026-01-31T10:00:00Z'": 'a between @1753-01-01T00:00:00@ and @2026-01-31T10:00:00Z@',
        "a < '2026-01-31T10:00:00Z'": 'a between @1753-01-01T00:00:00@ and @2026-01-31T09:59:59Z@',
        "a < '2026-01-31T10:00:00.5Z'":
          'a between @1753-01-01T00:00:00@ and @2026-01-31T10:00:00Z@',
        "a < '2026-01-31'": 'a between @1753-01-01T00:00:00@ and @2026-01-30T23:59:59@',
        "a not between '2026-01-30' and '2026-01-31'":
          'a between @1753-01-01T00:00:00@ and @2026-01-29T23:59:59@ or a gt @2026-01-31@',
        "a > '2026-01-31'": 'a gt @2026-01-31@',
        "a between 'a' and 'b'": "a between 'a' and 'b'",
      },
      LISTED,
    );

    const refused: [where: string, position: number][] = [
      ["a < 'x'", 2],
      ["b=1 and a <= 'x'", 10],
      ["not a > 'x'", 6],
      ["not (b=1 or a ge 'x')", 14],
      ["a not between 'a' and 'b'", 2],
    ];
    for (const [where, position] of refused) {
      it(`and refuses it for a text: ${where}`, () => {
        const error = refusal(where, LISTED);
        assert.equal(error.details.position, position);
        assert.match(error.what, /it has no less-than for texts/);
        assert.doesNotThrow(() => translateWhere(where, FULL));
      });
    }

    it('and refuses a number below the smallest one', () => {
      const error = refusal('a < -9007199254740999', LISTED);
      assert.equal(error.details.position, 2);
      assert.match(error.nextStep, /-9007199254740991 or more/);
    });
  });
});
