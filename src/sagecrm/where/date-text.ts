import { DateTime } from 'luxon';

/** A date as somebody wrote it. */
export interface DateText {
  /** The written wall time, as milliseconds since 1970-01-01T00:00:00 on the same wall. */
  wall: number;
  /** The moment it names, epoch milliseconds; absent when the text has neither `Z` nor an offset. */
  instant?: number;
  /** `Z`, the offset as written, or nothing. */
  suffix: string;
  /** True when there is a day only. */
  dayOnly: boolean;
}

/** A wall time to be printed. */
export interface WallTime {
  /** As in `DateText.wall`. */
  wall: number;
  suffix: string;
  dayOnly: boolean;
}

const DATE_TEXT =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?)?$/i;

/** True for `yyyy-MM-dd`, alone or with a time, whether or not the calendar has such a day. */
export function looksLikeDate(text: string): boolean {
  return DATE_TEXT.test(text);
}

/** Reads `yyyy-MM-dd[(T| )HH:mm[:ss[.SSS]][Z|±HH[:mm]]]`; undefined when there is no such date. */
export function readDate(text: string): DateText | undefined {
  const match = DATE_TEXT.exec(text);
  if (match === null) return undefined;
  const [, day = '', time, suffix = ''] = match;
  const local = `${day}T${time ?? '00:00'}`;
  const wall = DateTime.fromISO(local, { zone: 'utc' });
  if (!wall.isValid) return undefined;
  const read = { wall: wall.toMillis(), suffix: suffix.toUpperCase(), dayOnly: time === undefined };
  if (suffix === '') return read;
  return { ...read, instant: DateTime.fromISO(`${local}${suffix}`).toMillis() };
}

/** `yyyy-MM-dd'T'HH:mm:ss` with milliseconds only where there are some, and the suffix. */
export function formatWallTime(time: WallTime): string {
  const wall = DateTime.fromMillis(time.wall, { zone: 'utc' });
  if (time.dayOnly) return wall.toFormat('yyyy-MM-dd');
  const pattern = time.wall % 1000 === 0 ? "yyyy-MM-dd'T'HH:mm:ss" : "yyyy-MM-dd'T'HH:mm:ss.SSS";
  return wall.toFormat(pattern) + time.suffix;
}
