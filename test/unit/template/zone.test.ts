import assert from 'node:assert/strict';
import { DateTime } from 'luxon';
import { isValidZone, resolveZone } from '../../../src/template/zone';
import { errorOf } from './errors';

const JANUARY = Date.parse('2026-01-15T12:00:00Z');
const JULY = Date.parse('2026-07-15T12:00:00Z');

describe('resolveZone', () => {
  for (const name of ['UTC', 'utc', 'Z', '', ' UTC ', 'Etc/UTC', 'GMT', 'gmt', 'GMT0']) {
    it(`takes "${name}" as a fixed zone without an offset`, () => {
      const zone = resolveZone(name);
      assert.equal(zone.isUniversal, true);
      assert.equal(zone.offset(JULY), 0);
    });
  }

  for (const [name, minutes] of [
    ['GMT+2', 120],
    ['GMT+02:00', 120],
    ['GMT-3:30', -210],
    ['UTC+5', 300],
    ['+0200', 120],
    ['+02:00', 120],
    ['-05:30', -330],
    ['-00:30', -30],
    ['+02', 120],
    ['EST', -300],
    ['MST', -420],
    ['HST', -600],
  ] as const) {
    it(`takes "${name}" as ${minutes} minutes all year`, () => {
      const zone = resolveZone(name);
      assert.equal(zone.isUniversal, true);
      assert.equal(zone.offset(JANUARY), minutes);
      assert.equal(zone.offset(JULY), minutes);
    });
  }

  for (const [name, winter, summer] of [
    ['Europe/Berlin', 60, 120],
    ['europe/berlin', 60, 120],
    ['America/New_York', -300, -240],
    ['Australia/Lord_Howe', 660, 630],
    ['Etc/GMT+2', -120, -120],
    ['PST', -480, -420],
    ['CST', -360, -300],
    ['CET', 60, 120],
    ['EET', 120, 180],
    ['WET', 0, 60],
    ['JST', 540, 540],
    ['IST', 330, 330],
    ['AET', 660, 600],
    ['ECT', 60, 120],
    ['CTT', 480, 480],
  ] as const) {
    it(`takes "${name}" as ${winter} minutes in January and ${summer} in July`, () => {
      const zone = resolveZone(name);
      assert.equal(zone.offset(JANUARY), winter);
      assert.equal(zone.offset(JULY), summer);
    });
  }

  it('gives zones luxon works with', () => {
    for (const [name, expected] of [
      ['GMT', '2026-01-15T12:00:00.000Z'],
      ['EST', '2026-01-15T07:00:00.000-05:00'],
      ['GMT+02:00', '2026-01-15T14:00:00.000+02:00'],
    ] as const) {
      assert.equal(DateTime.fromMillis(JANUARY, { zone: resolveZone(name) }).toISO(), expected);
    }
  });

  it('knows a named fixed zone again by its name and offset', () => {
    const gmt = resolveZone('GMT');
    assert.equal(gmt.equals(resolveZone('gmt')), true);
    assert.equal(gmt.equals(resolveZone('EST')), false);
    assert.equal(resolveZone(gmt.name).equals(gmt), true);
    assert.equal(resolveZone('EST').formatOffset(JULY, 'techie'), '-0500');
    assert.equal(resolveZone('EST').type, 'fixed');
    assert.equal(resolveZone('EST').isValid, true);
  });

  it('takes the name of every zone it gave', () => {
    for (const name of ['UTC', 'GMT+05:30', '-0330', 'EST', 'Europe/Berlin']) {
      const zone = resolveZone(name);
      assert.equal(resolveZone(zone.name).offset(JULY), zone.offset(JULY));
    }
  });

  for (const [name, meant] of [
    ['Europ/Berlin', 'Europe/Berlin'],
    ['Berlin', 'Europe/Berlin'],
    ['new york', 'America/New_York'],
    ['Europe/Londn', 'Europe/London'],
  ] as const) {
    it(`suggests ${meant} for "${name}"`, () => {
      const error = errorOf('ZONE_INVALID', () => resolveZone(name));
      assert.ok(error.message.includes(`"${name}"`), error.message);
      assert.ok(error.message.includes(`did you mean "${meant}"?`), error.message);
    });
  }

  for (const name of ['Moon/Tranquility_Base_One', 'GMT+25', '+02:75', 'GMT+', '12:00']) {
    it(`refuses "${name}"`, () => {
      const error = errorOf('ZONE_INVALID', () => resolveZone(name));
      assert.ok(error.message.includes(`"${name}"`), error.message);
      assert.equal(isValidZone(name), false);
    });
  }

  it('answers whether a zone is valid without throwing', () => {
    assert.equal(isValidZone('Europe/Berlin'), true);
    assert.equal(isValidZone('GMT+02:00'), true);
    assert.equal(isValidZone('Europe/Atlantis'), false);
  });
});
