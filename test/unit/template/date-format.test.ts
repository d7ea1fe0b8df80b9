import assert from 'node:assert/strict';
import { compileDatePattern } from '../../../src/template/java-date-pattern';
import { resolveZone } from '../../../src/template/zone';
import { errorOf } from './errors';

function format(pattern: string, instant: string, zone = 'UTC'): string {
  return compileDatePattern(pattern).format(Date.parse(instant), resolveZone(zone));
}

/** A Saturday morning, a Thursday midnight, and a Thursday evening that belongs to week 1 of 2027. */
const INSTANTS = [
  '2026-01-31T10:00:15.123Z',
  '2026-01-01T00:00:00.007Z',
  '2026-12-31T20:00:00Z',
] as const;

/** What java.text.SimpleDateFormat writes for those instants in English and UTC. */
const LETTERS: [string, string, string, string][] = [
  ['G', 'AD', 'AD', 'AD'],
  ['GGGG', 'AD', 'AD', 'AD'],
  ['y', '2026', '2026', '2026'],
  ['yy', '26', '26', '26'],
  ['yyy', '2026', '2026', '2026'],
  ['yyyy', '2026', '2026', '2026'],
  ['yyyyy', '02026', '02026', '02026'],
  ['Y', '2026', '2026', '2027'],
  ['YY', '26', '26', '27'],
  ['YYYY', '2026', '2026', '2027'],
  ['M', '1', '1', '12'],
  ['MM', '01', '01', '12'],
  ['MMM', 'Jan', 'Jan', 'Dec'],
  ['MMMM', 'January', 'January', 'December'],
  ['L', '1', '1', '12'],
  ['LL', '01', '01', '12'],
  ['LLL', 'Jan', 'Jan', 'Dec'],
  ['LLLL', 'January', 'January', 'December'],
  ['w', '5', '1', '1'],
  ['ww', '05', '01', '01'],
  ['W', '5', '1', '5'],
  ['WW', '05', '01', '05'],
  ['D', '31', '1', '365'],
  ['DDDD', '0031', '0001', '0365'],
  ['d', '31', '1', '31'],
  ['ddd', '031', '001', '031'],
  ['F', '5', '1', '5'],
  ['FF', '05', '01', '05'],
  ['E', 'Sat', 'Thu', 'Thu'],
  ['EEE', 'Sat', 'Thu', 'Thu'],
  ['EEEE', 'Saturday', 'Thursday', 'Thursday'],
  ['u', '6', '4', '4'],
  ['uu', '06', '04', '04'],
  ['a', 'AM', 'AM', 'PM'],
  ['aaaa', 'AM', 'AM', 'PM'],
  ['H', '10', '0', '20'],
  ['HHH', '010', '000', '020'],
  ['k', '10', '24', '20'],
  ['kk', '10', '24', '20'],
  ['K', '10', '0', '8'],
  ['KK', '10', '00', '08'],
  ['h', '10', '12', '8'],
  ['hh', '10', '12', '08'],
  ['m', '0', '0', '0'],
  ['mmm', '000', '000', '000'],
  ['s', '15', '0', '0'],
  ['ss', '15', '00', '00'],
  ['S', '123', '7', '0'],
  ['SS', '123', '07', '00'],
  ['SSS', '123', '007', '000'],
  ['SSSSSS', '000123', '000007', '000000'],
  ['X', 'Z', 'Z', 'Z'],
  ['XXX', 'Z', 'Z', 'Z'],
  ['Z', '+0000', '+0000', '+0000'],
  ['z', 'UTC', 'UTC', 'UTC'],
];

describe('a Java date pattern, writing', () => {
  for (const [pattern, ...expected] of LETTERS) {
    it(`writes ${pattern} as ${expected.join(', ')}`, () => {
      assert.deepEqual(
        INSTANTS.map((instant) => format(pattern, instant)),
        expected,
      );
    });
  }

  it('writes years before Christ with their era', () => {
    assert.equal(format('G yyyy', '-000043-03-15T12:00:00Z'), 'BC 0044');
  });

  it('copies quoted text, doubled quotes and every character that is no letter', () => {
    const instant = INSTANTS[0];
    assert.equal(format("yyyy-MM-dd'T'HH:mm:ss'Z'", instant), '2026-01-31T10:00:15Z');
    assert.equal(format("h 'o''clock' a", instant), "10 o'clock AM");
    assert.equal(format("''yy''", instant), "'26'");
    assert.equal(format("''''yy", instant), "''26");
    assert.equal(format("'at' 'noon' d", instant), 'at noon 31');
    assert.equal(format('{d}[M] é/$%', instant), '{31}[1] é/$%');
  });

  const WINTER = '2026-01-31T10:00:15Z';
  const SUMMER = '2026-07-30T10:00:15Z';
  const ZONES: [string, string, string][] = [
    [
      'UTC',
      'UTC|Coordinated Universal Time|+0000|Z|Z|Z',
      'UTC|Coordinated Universal Time|+0000|Z|Z|Z',
    ],
    ['GMT', 'GMT|Greenwich Mean Time|+0000|Z|Z|Z', 'GMT|Greenwich Mean Time|+0000|Z|Z|Z'],
    [
      'Europe/Berlin',
      'CET|Central European Standard Time|+0100|+01|+0100|+01:00',
      'CEST|Central European Summer Time|+0200|+02|+0200|+02:00',
    ],
    [
      'America/New_York',
      'EST|Eastern Standard Time|-0500|-05|-0500|-05:00',
      'EDT|Eastern Daylight Time|-0400|-04|-0400|-04:00',
    ],
    [
      'Australia/Lord_Howe',
      'LHDT|Lord Howe Daylight Time|+1100|+11|+1100|+11:00',
      'LHST|Lord Howe Standard Time|+1030|+10|+1030|+10:30',
    ],
    [
      'Asia/Kolkata',
      'IST|India Standard Time|+0530|+05|+0530|+05:30',
      'IST|India Standard Time|+0530|+05|+0530|+05:30',
    ],
    [
      'Asia/Tokyo',
      'JST|Japan Standard Time|+0900|+09|+0900|+09:00',
      'JST|Japan Standard Time|+0900|+09|+0900|+09:00',
    ],
    [
      'GMT+2',
      'GMT+02:00|GMT+02:00|+0200|+02|+0200|+02:00',
      'GMT+02:00|GMT+02:00|+0200|+02|+0200|+02:00',
    ],
    [
      'EST',
      'EST|Eastern Standard Time|-0500|-05|-0500|-05:00',
      'EST|Eastern Standard Time|-0500|-05|-0500|-05:00',
    ],
  ];
  for (const [zone, winter, summer] of ZONES) {
    it(`writes the zone texts of ${zone}`, () => {
      assert.equal(format('z|zzzz|Z|X|XX|XXX', WINTER, zone), winter);
      assert.equal(format('z|zzzz|Z|X|XX|XXX', SUMMER, zone), summer);
    });
  }

  it('cuts off downwards, never rounds up', () => {
    assert.equal(format('HH:mm', '2026-01-31T10:59:59.999Z'), '10:59');
    const pattern = compileDatePattern('SSS');
    assert.equal(pattern.format(999.9, resolveZone('UTC')), '999');
    assert.equal(pattern.format(-0.5, resolveZone('UTC')), '999');
  });

  it('writes epoch ms for the special value milliseconds', () => {
    const pattern = compileDatePattern('milliseconds');
    assert.equal(pattern.format(1769853615123.7, resolveZone('Europe/Berlin')), '1769853615123');
    assert.equal(pattern.hasZone, true);
  });

  it('knows whether its text carries a zone', () => {
    for (const pattern of ['HH z', 'HH zzzz', 'HHZ', 'HHX', 'HHXXX']) {
      assert.equal(compileDatePattern(pattern).hasZone, true, pattern);
    }
    for (const pattern of ['yyyy-MM-dd', "HH:mm:ss'Z'", "HH 'z X'"]) {
      assert.equal(compileDatePattern(pattern).hasZone, false, pattern);
    }
  });
});

describe('a Java date pattern with a fault', () => {
  for (const [pattern, position, named] of [
    ['yyyy-bb', 5, '"b"'],
    ['yyyy-MM-ddTHH:mm', 10, '"T"'],
    ["'T'I", 3, '"I"'],
    ['l', 0, '"l"'],
    ['HH:mm XXXX', 6, 'X stands more than three times'],
    ["yyyy'T", 4, 'opened but not closed'],
    ["'abc", 0, 'opened but not closed'],
    ["yyyy-MM-dd'T'HH:mm:ss'", 21, 'opened but not closed'],
    ["yyyy'it''s", 4, 'opened but not closed'],
    ['', 0, 'no date field'],
    ["'now'", 0, 'no date field'],
  ] as const) {
    it(`is refused: ${pattern === '' ? 'nothing' : pattern} at position ${position}`, () => {
      const error = errorOf('DATE_PATTERN_INVALID', () => compileDatePattern(pattern));
      assert.equal(error.details.position, position);
      assert.ok(error.message.includes(named), error.message);
      assert.ok(error.message.includes(`position ${position} `), error.message);
    });
  }
});
