import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FixedOffsetZone } from 'luxon';
import { SageCrmError } from '../../../../src/errors/sagecrm-error';
import { parseWhere } from '../../../../src/sagecrm/where/parser';
import { translateWhere } from '../../../../src/sagecrm/where/translate';

function faultOf(check: () => unknown): SageCrmError {
  try {
    check();
  } catch (error) {
    assert.ok(error instanceof SageCrmError);
    return error;
  }
  assert.fail('no fault was found');
}

describe('A faulty where clause', () => {
  const cases: [where: string, position: number, expected: RegExp][] = [
    ['', 0, /expected a column/],
    ['   ', 3, /expected a column/],
    ['= 1', 0, /expected a column/],
    ["'x' = a", 0, /expected a column/],
    ['and = 1', 0, /expected a column/],
    ['a = 1 and', 9, /expected a column/],
    ['a = 1 or or b = 2', 9, /expected a column/],
    ['not', 3, /expected a column/],
    ['()', 1, /expected a column/],
    ['a', 1, /expected a comparison/],
    ['a b', 2, /expected a comparison/],
    ["a 'x'", 2, /expected a comparison/],
    ["a 'like'", 2, /expected a comparison/],
    ['a not = 1', 6, /expected like, in or between/],
    ['a =', 3, /expected a text in single quotes/],
    ['a = b', 4, /expected a text in single quotes.*true, false or null/],
    ['a = =', 4, /expected a text in single quotes/],
    ['a > null', 4, /expected a text in single quotes.*or a number$/],
    ['a > true', 4, /or a number$/],
    ['a like 5', 7, /expected a pattern in single quotes/],
    ['a is 5', 5, /expected null or not null/],
    ["a is 'null'", 5, /expected null or not null/],
    ['a is not 5', 9, /expected null$/],
    ["a in 'x'", 5, /expected a list/],
    ['a in ()', 6, /expected a text/],
    ["a in ('x' 'y')", 10, /a comma or a closing parenthesis/],
    ["a in ('x',)", 10, /expected a text/],
    ["a in ('x'", 9, /a comma or a closing parenthesis/],
    ['a between 1', 11, /expected and between/],
    ['a between 1 or 2', 12, /expected and between/],
    ['a between 1 and', 15, /expected a text/],
    ['a between 1 and null', 16, /expected a text/],
    ["a between 1 and 'x'", 16, /the lower one is a number/],
    ["a between 'x' and @2026-01-31@", 18, /the lower one is a string/],
    ['a = 1 b = 2', 6, /expected and, or, or the end/],
    ['a = 1)', 5, /closes nothing/],
    ['(a = 1', 6, /closing parenthesis/],
    ['(a = 1 b', 7, /closing parenthesis/],
    ["a = 'x", 4, /close the text with a single quote/],
    ["a = 'x''", 4, /close the text with a single quote/],
    ["a = 'x''y''' and b = '", 21, /close the text with a single quote/],
    ['a > @2026-01-31', 4, /close the date with @/],
    ['a > @yesterday@', 4, /expected a day of the calendar/],
    ['a > @2026-02-30@', 4, /expected a day of the calendar/],
    ["a = '2026-13-01T10:00:00Z'", 4, /expected a day of the calendar/],
    ["a > '2026-01-31T25:00'", 4, /expected a day of the calendar/],
    ['a = "x"', 4, /straight single quotes/],
    ['a = ‘x’', 4, /straight single quotes/],
    ['a > 2026-01-31', 4, /no plain number in single quotes/],
    ['a > 5x', 4, /no plain number/],
    ['a > .5', 4, /no plain number/],
    ['a > 1.', 4, /no plain number/],
    ['a%20=%201', 1, /not percent-encoded/],
    ['a+=+1', 1, /not percent-encoded/],
    ['a = 1 && b = 2', 6, /and, or, not in words/],
    ['!a', 0, /and, or, not in words/],
    ['a = 1;', 5, /remove this character/],
  ];
  for (const [where, position, expected] of cases) {
    it(`is refused at ${position} with what belongs there: ${where}`, () => {
      const error = faultOf(() => {
        parseWhere(where);
      });
      assert.equal(error.code, 'WHERE_INVALID');
      assert.equal(error.details.position, position);
      assert.match(error.nextStep, expected);
    });
  }

  it('is shown with a message that names the place as people count', () => {
    const message = (where: string): string =>
      faultOf(() => {
        parseWhere(where);
      }).message;
    assert.equal(
      message('a = 1 b = 2'),
      'The where clause has a fault at b, character 7: expected and, or, or the end of the clause',
    );
    assert.match(message('a ='), /has a fault where it ends, character 4: expected/);
    assert.match(message(`a like "${'x'.repeat(99)}"`), /at "x{23}…, character 8: write texts/);
  });

  it('is refused in the same way by the translation', () => {
    const dialect = {
      dateLiteral: '@' as const,
      literalZone: 'keep' as const,
      lessThan: true,
      serverZone: FixedOffsetZone.utcInstance,
    };
    const where = 'a in (1,';
    const checked = faultOf(() => {
      parseWhere(where);
    });
    const translated = faultOf(() => translateWhere(where, dialect));
    assert.deepEqual([translated.message, translated.details], [checked.message, checked.details]);
  });

  it('with endless nesting ends in a message, not in a stack overflow', () => {
    const deep = (count: number): string => `${'('.repeat(count)}a=1${')'.repeat(count)}`;
    assert.doesNotThrow(() => {
      parseWhere(deep(100));
    });
    assert.doesNotThrow(() => {
      parseWhere(Array.from({ length: 300 }, () => 'not (a=1)').join(' or '));
    });
    for (const where of [deep(101), deep(100_000), `${'not '.repeat(100_000)}a=1`]) {
      const error = faultOf(() => {
        parseWhere(where);
      });
      assert.match(error.nextStep, /at most 100/);
    }
  });

  it('of whatever characters never ends in anything but that message', () => {
    const piece = fc.constantFrom(
      ...["'", "''", '@', '(', ')', ',', 'a', 'and', 'or', 'not', 'in', 'is', 'null', 'like'],
      ...[
        'between',
        '=',
        '<',
        '5',
        '-',
        '.',
        '%',
        '2026-01-31',
        "'x'",
        ' ',
        '\n',
        'é',
        '\u{1f600}',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom('', ' '), (pieces, blank) => {
        const where = pieces.join(blank);
        try {
          parseWhere(where);
        } catch (error) {
          assert.ok(error instanceof SageCrmError);
          const { position = -1 } = error.details;
          assert.ok(position >= 0 && position <= where.length);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
