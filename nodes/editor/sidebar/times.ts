import { DateTime } from 'luxon';

/** Instants for people, in the browser's zone. All are milliseconds since the Unix epoch. */

/** Ages below this would change faster than anyone reads. */
const MOMENT_MS = 5000;

/** Such as `2 min. ago` or `in 13 min.`; undefined for what is as good as the present instant. */
export function relativeTime(at: number, now: number, locale: string): string | undefined {
  if (Math.abs(at - now) < MOMENT_MS) return undefined;
  const base = DateTime.fromMillis(now);
  return DateTime.fromMillis(at).toRelative({ base, locale, style: 'short' }) ?? undefined;
}

/** Date and time to the second. */
export function fullTime(at: number, locale: string): string {
  return DateTime.fromMillis(at).toLocaleString(DateTime.DATETIME_SHORT_WITH_SECONDS, { locale });
}

/** The time alone for an instant of today, else with its date. */
export function shortTime(at: number, now: number, locale: string): string {
  const time = DateTime.fromMillis(at);
  const today = time.hasSame(DateTime.fromMillis(now), 'day');
  const format = today ? DateTime.TIME_WITH_SECONDS : DateTime.DATETIME_SHORT_WITH_SECONDS;
  return time.toLocaleString(format, { locale });
}

/** ISO 8601 text as the user reads dates; text that is none stays as it is. */
export function isoForReading(iso: string, locale: string): string {
  const time = DateTime.fromISO(iso);
  return time.isValid ? fullTime(time.toMillis(), locale) : iso;
}

export type Since = { iso: string } | { problem: 'missing' | 'future' };

/**
 * Reads what a `datetime-local` field holds.
 *
 * @returns ISO 8601 in UTC, or why it cannot be replayed from there
 */
export function readSince(value: string, now: number): Since {
  const time = DateTime.fromISO(value).toUTC();
  if (!time.isValid) return { problem: 'missing' };
  return time.toMillis() > now
    ? { problem: 'future' }
    : { iso: time.toISO({ suppressMilliseconds: true }) };
}

/** The value of a `datetime-local` field for an instant. */
export function fieldTime(at: number): string {
  return DateTime.fromMillis(at).toFormat("yyyy-MM-dd'T'HH:mm");
}

/** Where the chart begins: to the minute. */
export function chartTime(at: number, locale: string): string {
  return DateTime.fromMillis(at).toLocaleString(DateTime.DATETIME_SHORT, { locale });
}
