import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { canonicalDate, ServerDates, type DateStyle } from '../../simulator/server-dates';

/** Clocks in Berlin go back at 2026-10-25T01:00:00Z and forward at 2026-03-29T01:00:00Z. */
const berlin = (style: DateStyle): ServerDates => new ServerDates('Europe/Berlin', style);

describe('dates of the simulated server', () => {
  it('are cut to whole seconds, before 1970 too', () => {
    assert.equal(canonicalDate(Date.parse('2026-01-31T10:00:00.999Z')), '2026-01-31T10:00:00Z');
    assert.equal(canonicalDate(-1), '1969-12-31T23:59:59Z');
  });

  describe('are shown', () => {
    const table: [DateStyle, string, string][] = [
      ['Z', '2026-07-01T10:00:00Z', '2026-07-01T10:00:00Z'],
      ['offset', '2026-07-01T10:00:00Z', '2026-07-01T12:00:00+02:00'],
      ['offset', '2026-01-01T23:30:00Z', '2026-01-02T00:30:00+01:00'],
      ['none', '2026-07-01T10:00:00Z', '2026-07-01T12:00:00'],
      ['none', '2026-10-25T00:30:00Z', '2026-10-25T02:30:00'],
      ['none', '2026-10-25T01:30:00Z', '2026-10-25T02:30:00'],
      ['none', 'next week', 'next week'],
      ['offset', '2026-07-01T10:00:00.5Z', '2026-07-01T10:00:00.5Z'],
    ];
    for (const [style, stored, shown] of table) {
      it(`in style ${style}: ${stored} as ${shown}`, () => {
        assert.equal(berlin(style).show(stored), shown);
      });
    }
  });

  it('are compared as instants when rows carry a zone', () => {
    const dates = berlin('offset');
    const instant = Date.parse('2026-07-01T10:00:00Z');
    for (const text of [
      '2026-07-01T10:00:00Z',
      '2026-07-01T12:00:00',
      '2026-07-01 12:00',
      '2026-07-01T06:00:00-04:00',
      '2026-07-01T06:00:00-0400',
      '2026-07-01T10:00:00.000z',
    ]) {
      assert.equal(dates.comparable(text), instant, text);
    }
  });

  it('are compared as wall-clock times when rows carry none', () => {
    const dates = berlin('none');
    const wall = Date.parse('2026-10-25T02:30:00Z');
    assert.equal(dates.comparable('2026-10-25T02:30:00'), wall);
    assert.equal(dates.comparable('2026-10-25T00:30:00Z'), wall, 'summer time');
    assert.equal(dates.comparable('2026-10-25T01:30:00Z'), wall, 'an hour later');
    assert.equal(dates.comparable('2026-10-25T02:30:00+01:00'), wall);
  });

  it('know midnight of a day in the zone of the server', () => {
    const midnight = Date.parse('2026-06-30T22:00:00Z');
    assert.equal(berlin('Z').comparable('2026-07-01'), midnight);
    assert.equal(new ServerDates('UTC', 'Z').comparable('2026-06-30T22:00:00Z'), midnight);
  });

  for (const text of [
    '',
    'yesterday',
    '2026-13-01',
    '2026-02-30T10:00:00Z',
    '2026-01-31T25:00:00Z',
    '2026-W05',
    '2026-031',
    '31/01/2026',
    '2026-01-31T10:00:00 02:00',
  ]) {
    it(`refuse "${text}"`, () => {
      assert.equal(berlin('Z').comparable(text), undefined);
    });
  }

  it('need a zone that exists', () => {
    assert.throws(() => new ServerDates('Europe/Atlantis', 'Z'), /not an IANA time zone/);
  });
});
