import assert from 'node:assert/strict';
import { Settings } from 'luxon';
import {
  fieldTime,
  isoForReading,
  readSince,
  relativeTime,
  shortTime,
} from '../../../nodes/editor/sidebar/times';

const NOW = Date.UTC(2026, 0, 31, 10, 15);
const MINUTE = 60_000;
const LOCALE = 'en-GB';

describe('the times in the sidebar', () => {
  const zone = Settings.defaultZone;

  before(() => {
    Settings.defaultZone = 'America/New_York';
  });

  after(() => {
    Settings.defaultZone = zone;
  });

  it('tells how long ago or ahead an instant is, in the language of the editor', () => {
    assert.match(relativeTime(NOW - 2 * MINUTE, NOW, LOCALE) ?? '', /^2 min\.? ago$/);
    assert.match(relativeTime(NOW + 13 * MINUTE, NOW, LOCALE) ?? '', /^in 13 min\.?$/);
    assert.match(relativeTime(NOW - 2 * MINUTE, NOW, 'de') ?? '', /^vor 2 Min\.$/);
  });

  it('calls the last moments now', () => {
    assert.equal(relativeTime(NOW - 4999, NOW, LOCALE), undefined);
    assert.equal(relativeTime(NOW + 4999, NOW, LOCALE), undefined);
  });

  it('shows an instant of today by its time, an older one with its date', () => {
    assert.equal(shortTime(NOW - MINUTE, NOW, LOCALE), '05:14:00');
    assert.match(shortTime(NOW - 24 * 60 * MINUTE, NOW, LOCALE), /^30\/01\/2026, 05:15:00$/);
  });

  it('shows ISO dates in the zone of the browser, and other text as it is', () => {
    assert.match(isoForReading('2026-01-31T10:15:00Z', LOCALE), /05:15:00$/);
    assert.equal(isoForReading('soon', LOCALE), 'soon');
  });

  it('takes what a date field holds for a time of the browser and gives it in UTC', () => {
    assert.deepEqual(readSince('2026-01-31T05:00', NOW), { iso: '2026-01-31T10:00:00Z' });
  });

  it('refuses an empty date field, and a time that has not come yet', () => {
    assert.deepEqual(readSince('', NOW), { problem: 'missing' });
    assert.deepEqual(readSince('2026-01-31T05:16', NOW), { problem: 'future' });
  });

  it('fills a date field with an instant that it reads back', () => {
    assert.equal(fieldTime(NOW), '2026-01-31T05:15');
    assert.deepEqual(readSince(fieldTime(NOW), NOW), { iso: '2026-01-31T10:15:00Z' });
  });
});
