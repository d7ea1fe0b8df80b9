import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { compileDatePattern } from '../../../src/template/java-date-pattern';
import { resolveZone } from '../../../src/template/zone';

function parse(pattern: string, text: string, zone = 'UTC'): string | undefined {
  const found = compileDatePattern(pattern).parse(text, resolveZone(zone));
  if (found === undefined) return undefined;
  const [earliest, latest] = [found.earliest, found.latest].map((ms) =>
    new Date(ms).toISOString().replace('.000Z', 'Z'),
  );
  return earliest === latest ? earliest : `${earliest ?? ''} or ${latest ?? ''}`;
}

type Case = readonly [pattern: string, text: string, expected: string | undefined, zone?: string];

function describeCases(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    for (const [pattern, text, expected, zone] of cases) {
      it(`${pattern} reads "${text}"${zone === undefined ? '' : ` in ${zone}`} as ${expected ?? 'nothing'}`, () => {
        assert.equal(parse(pattern, text, zone), expected);
      });
    }
  });
}

describeCases('a Java date pattern, reading numbers', [
  ["yyyy-MM-dd'T'HH:mm:ss'Z'", '2017-06-27T23:00:00Z', '2017-06-27T23:00:00Z', 'GMT'],
  ["yyyy-MM-dd'T'HH:mm:ss'Z'", '2017-06-27T23:00:00Z', '2017-06-27T21:00:00Z', 'GMT+2'],
  ['yyyy-MM-dd HH:mm:ss', '2026-1-5 3:4:5', '2026-01-05T03:04:05Z'],
  ['yyyy-MM-dd', ' 2026- 1-05', '2026-01-05T00:00:00Z'],
  ['yyyyMMddHHmmss', '20260105030405', '2026-01-05T03:04:05Z'],
  ['yyyyMMddHHmmss', '2026010503040', '2026-01-05T03:04:00Z'],
  ['yyMMdd', '260105', '2026-01-05T00:00:00Z'],
  ['yy-MM-dd', '26-01-05', '2026-01-05T00:00:00Z'],
  ['yy-MM-dd', '99-01-05', '1999-01-05T00:00:00Z'],
  ['yy-MM-dd', '2026-01-05', '2026-01-05T00:00:00Z'],
  ['yyyy-MM-dd', '0026-01-05', '0026-01-05T00:00:00Z'],
  ['HH:mm', '9:05', '1970-01-01T09:05:00Z'],
  ['HH:mm', '24:00', undefined],
  ['kk:mm', '24:05', '1970-01-01T00:05:00Z'],
  ['kk:mm', '0:05', undefined],
  ['hh:mm a', '12:05 AM', '1970-01-01T00:05:00Z'],
  ['hh:mm a', '12:05 pm', '1970-01-01T12:05:00Z'],
  ['hh:mm a', '13:05 AM', undefined],
  ['KK:mm a', '11:05 pm', '1970-01-01T23:05:00Z'],
  ['KK:mm a', '12:05 pm', undefined],
  ['HH hh a', '15 03 PM', '1970-01-01T15:00:00Z'],
  ['HH hh a', '15 04 PM', undefined],
  ['HH a', '15 AM', undefined],
  ['HH:mm', '10:60', undefined],
  ['HH:mm:ss', '10:00:60', undefined],
]);

describeCases('a Java date pattern, reading milliseconds', [
  ['ss.SSS', '05.123', '1970-01-01T00:00:05.123Z'],
  ['ss.SSS', '05.5', '1970-01-01T00:00:05.005Z'],
  ['ss.SSS', '05.1239', '1970-01-01T00:00:05.123Z'],
  ['ss.S', '05.123456789', '1970-01-01T00:00:05.123Z'],
  ['ss.SSSSSS', '05.987654', '1970-01-01T00:00:05.987Z'],
  ['ssSSSX', '05007Z', '1970-01-01T00:00:05.007Z'],
  ['milliseconds', '1769853615123', '2026-01-31T10:00:15.123Z'],
  ['milliseconds', '-1000', '1969-12-31T23:59:59Z'],
  ['milliseconds', '2026-01-31', undefined],
  ['milliseconds', '9999999999999999', undefined],
]);

describeCases('a Java date pattern, reading dates that are not', [
  ['yyyy-MM-dd', '2026-02-30', undefined],
  ['yyyy-MM-dd', '2024-02-29', '2024-02-29T00:00:00Z'],
  ['yyyy-MM-dd', '2026-02-29', undefined],
  ['yyyy-MM-dd', '1900-02-29', undefined],
  ['yyyy-MM-dd', '2026-04-31', undefined],
  ['yyyy-MM-dd', '2026-13-01', undefined],
  ['yyyy-MM-dd', '2026-00-10', undefined],
  ['yyyy-MM-dd', '2026-01-00', undefined],
  ['yyyy-MM-dd', '0000-01-01', undefined],
  ['yyyy-MM-dd', '123456-01-01', undefined],
  ['yyyy-MM-dd', '2026-01-05 03:04', undefined],
  ['yyyy-MM-dd', 'yesterday', undefined],
  ['yyyy-MM-dd', '', undefined],
  ['yyyy.MM.dd', '2026-01-05', undefined],
]);

describeCases('a Java date pattern, reading names', [
  ['MMM d, yyyy', 'JANUARY 5, 2026', '2026-01-05T00:00:00Z'],
  ['MMMM d, yyyy', 'jan 5, 2026', '2026-01-05T00:00:00Z'],
  ['dLLLLyyyy', '5May2026', '2026-05-05T00:00:00Z'],
  ["MMM'T'd", 'AugT7', '1970-08-07T00:00:00Z'],
  ['MMMEEEd', 'AugFri7', '1970-08-07T00:00:00Z'],
  ['MMM d', 'Foo 5', undefined],
  ['yyyy-MM-dd EEE', '2026-01-05 Mon', '2026-01-05T00:00:00Z'],
  ['yyyy-MM-dd EEE', '2026-01-05 Tue', undefined],
  ['yyyy-MM-dd u', '2026-01-05 1', '2026-01-05T00:00:00Z'],
  ['EEEE MMM d HH:mm:ss z yyyy', 'Mon Aug 20 15:30:07 UTC 2018', '2018-08-20T15:30:07Z'],
  ['G yyyy', 'AD 2026', '2026-01-01T00:00:00Z'],
  ['G yyyy', 'bc 0044', '-000043-01-01T00:00:00Z'],
]);

describeCases('a Java date pattern, reading weeks and days of the year', [
  ['yyyy-DDD', '2024-366', '2024-12-31T00:00:00Z'],
  ['yyyy-DDD', '2026-366', undefined],
  ['yyyy MMM DDD', '2026 Feb 32', '2026-02-01T00:00:00Z'],
  ['yyyy MMM DDD', '2026 Jan 32', undefined],
  ["YYYY-'W'ww-u", '2026-W01-1', '2025-12-29T00:00:00Z'],
  ["YYYY-'W'ww-u", '2026-W05-7', '2026-01-25T00:00:00Z'],
  ["YYYY-'W'ww", '2026-W02', '2026-01-04T00:00:00Z'],
  ["yyyy-'W'ww-u", '2026-W02-1', '2026-01-05T00:00:00Z'],
  ["yyyy-'W'ww-u", '2026-W01-1', undefined],
  ["YYYY-'W'ww-u", '2026-W60-1', undefined],
  ['yyyy-MM-W u', '2026-03-2 3', '2026-03-11T00:00:00Z'],
  ['yyyy-MM-W u', '2026-03-9 3', undefined],
  ['yyyy-MM-F u', '2026-03-2 3', '2026-03-11T00:00:00Z'],
  ['yyyy-MM-F u', '2026-03-5 3', undefined],
  ['yyyy-MM-dd D', '2026-02-01 32', '2026-02-01T00:00:00Z'],
  ['yyyy-MM-dd D', '2026-02-01 33', undefined],
]);

describeCases('a Java date pattern, reading zones', [
  ['HH:mmX', '10:00+02', '1970-01-01T08:00:00Z'],
  ['HH:mmX', '10:00+0200', undefined],
  ['HH:mmXX', '10:00-0330', '1970-01-01T13:30:00Z'],
  ['HH:mmXX', '10:00+02:00', undefined],
  ['HH:mmXXX', '10:00+02:00', '1970-01-01T08:00:00Z'],
  ['HH:mmXXX', '10:00Z', '1970-01-01T10:00:00Z', 'Asia/Tokyo'],
  ['HH:mmXXX', '10:00+99:00', undefined],
  ['HH:mmZ', '10:00+0200', '1970-01-01T08:00:00Z'],
  ['HH:mmZ', '10:00GMT', '1970-01-01T10:00:00Z'],
  ['HH:mm z', '10:00 +0200', '1970-01-01T08:00:00Z'],
  ['HH:mm z', '10:00 GMT+02:00', '1970-01-01T08:00:00Z'],
  ['HH:mm z', '10:00 CEST', '1970-01-01T08:00:00Z'],
  ['HH:mm z', '10:00 EST', '1970-01-01T15:00:00Z'],
  ['HH:mm z', '10:00 Pacific Standard Time', '1970-01-01T18:00:00Z'],
  ['HH:mm z', '10:00 XYZ', undefined],
  ['yyyy-MM-dd z HH', '2026-01-05 Central European Standard Time 10', '2026-01-05T09:00:00Z'],
  ['yyyy-MM-dd HH z', '2026-01-05 10 CST', '2026-01-05T16:00:00Z'],
  ['yyyy-MM-dd HH z', '2026-07-05 10 CET', '2026-07-05T09:00:00Z', 'Europe/Berlin'],
  ['yyyy-MM-dd HH z', '2026-01-05 10 LHST', '2026-01-04T23:30:00Z', 'Australia/Lord_Howe'],
]);

describeCases('a Java date pattern, where clocks are set forward or back', [
  ['yyyy-MM-dd HH:mm', '2026-10-25 01:59', '2026-10-24T23:59:00Z', 'Europe/Berlin'],
  [
    'yyyy-MM-dd HH:mm',
    '2026-10-25 02:30',
    '2026-10-25T00:30:00Z or 2026-10-25T01:30:00Z',
    'Europe/Berlin',
  ],
  ['yyyy-MM-dd HH:mm', '2026-10-25 03:00', '2026-10-25T02:00:00Z', 'Europe/Berlin'],
  ['yyyy-MM-dd HH:mm', '2026-03-29 02:30', '2026-03-29T01:30:00Z', 'Europe/Berlin'],
  [
    'yyyy-MM-dd HH:mm',
    '2026-11-01 01:00',
    '2026-11-01T05:00:00Z or 2026-11-01T06:00:00Z',
    'America/New_York',
  ],
  ['yyyy-MM-dd HH:mm', '2026-03-08 02:30', '2026-03-08T07:30:00Z', 'America/New_York'],
  [
    'yyyy-MM-dd HH:mm',
    '2026-04-05 01:45',
    '2026-04-04T14:45:00Z or 2026-04-04T15:15:00Z',
    'Australia/Lord_Howe',
  ],
  ['yyyy-MM-dd HH:mm', '2026-04-05 01:29', '2026-04-04T14:29:00Z', 'Australia/Lord_Howe'],
  ['yyyy-MM-dd HH:mm', '2026-10-04 02:15', '2026-10-03T15:45:00Z', 'Australia/Lord_Howe'],
  ['yyyy-MM-dd HH:mmXXX', '2026-10-25 02:30+02:00', '2026-10-25T00:30:00Z', 'Europe/Berlin'],
  ['yyyy-MM-dd HH:mm z', '2026-10-25 02:30 CEST', '2026-10-25T00:30:00Z', 'Europe/Berlin'],
  ['yyyy-MM-dd HH:mm z', '2026-10-25 02:30 CET', '2026-10-25T01:30:00Z', 'Europe/Berlin'],
]);

const ZONES = [
  'UTC',
  'GMT',
  'EST',
  'GMT+05:45',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
];
const zoneName = fc.constantFrom(...ZONES);
const instant = fc.integer({ min: Date.UTC(1980, 0, 1), max: Date.UTC(2059, 11, 31) });

describe('a Java date pattern, there and back', () => {
  it('reads what it wrote as the same instant when the pattern is complete', () => {
    const complete = fc.constantFrom(
      "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
      'yyyyMMddHHmmssSSSZ',
      'EEE MMM dd HH:mm:ss.SSS z yyyy',
      'EEEE, d MMMM yyyy hh:mm:ss.SSS a zzzz',
      'G yyyy.DDD kk-mm-ss SSS XX',
      "YYYY-'W'ww-u KK:mm:ss.S a XXX",
      'yyyy LLL W E H:m:s.S Z',
      'yyyy/M F u H:m:s.S Z',
    );
    fc.assert(
      fc.property(complete, zoneName, instant, (source, name, epochMs) => {
        const pattern = compileDatePattern(source);
        const text = pattern.format(epochMs, resolveZone(name));
        assert.deepEqual(pattern.parse(text, resolveZone(name)), {
          earliest: epochMs,
          latest: epochMs,
        });
      }),
      { numRuns: 400 },
    );
  });

  it('finds the instant among the two of a repeated hour, and only there gives two', () => {
    const pattern = compileDatePattern('yyyy-MM-dd HH:mm:ss.SSS');
    fc.assert(
      fc.property(zoneName, instant, (name, epochMs) => {
        const zone = resolveZone(name);
        const found = pattern.parse(pattern.format(epochMs, zone), zone);
        const expected = DateTime.fromMillis(epochMs, { zone })
          .getPossibleOffsets()
          .map((date) => date.toMillis());
        assert.deepEqual(found, {
          earliest: Math.min(...expected),
          latest: Math.max(...expected),
        });
      }),
      { numRuns: 400 },
    );
  });

  it('never throws, whatever the text', () => {
    const pattern = compileDatePattern('EEE d MMM yyyy HH:mm:ss.SSS z');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        pattern.parse(text, resolveZone('Europe/Berlin'));
      }),
    );
  });
});
