import { DateTime } from 'luxon';

/**
 * An instant as events show it: ISO 8601 in UTC, without milliseconds when there are none.
 *
 * @param epochMs within luxon's range (years ±271,821)
 */
export function isoDate(epochMs: number): string {
  const text = DateTime.fromMillis(epochMs, { zone: 'utc' }).toISO({ suppressMilliseconds: true });
  return text ?? '';
}
