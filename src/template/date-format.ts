import { DateTime, type Zone } from 'luxon';
import {
  ERAS,
  LONG_MONTHS,
  LONG_WEEKDAYS,
  MERIDIEMS,
  SHORT_MONTHS,
  SHORT_WEEKDAYS,
} from './date-names';
import type { PatternLetter, PatternToken } from './pattern-tokens';
import { zoneName } from './zone-names';

function yearOfEra(year: number): number {
  return year > 0 ? year : 1 - year;
}

/** Java writes exactly two letters as two digits and any other count as the padded number. */
function formatYear(year: number, count: number): string {
  return count === 2 ? pad(yearOfEra(year) % 100, 2) : pad(yearOfEra(year), count);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function formatMonth(month: number, count: number): string {
  if (count <= 2) return pad(month, count);
  return (count === 3 ? SHORT_MONTHS : LONG_MONTHS)[month - 1] ?? '';
}

/** Weeks of a month begin on Sunday, and the first may be a single day. */
export function weekOfMonth(date: DateTime): number {
  return Math.ceil((date.day + (date.set({ day: 1 }).weekday % 7)) / 7);
}

/** Which one of its weekday in the month a day is: 2 for the second Tuesday. */
export function weekdayOccurrence(date: DateTime): number {
  return Math.ceil(date.day / 7);
}

function formatIsoOffset(date: DateTime, count: number): string {
  if (date.offset === 0) return 'Z';
  if (count === 3) return date.toFormat('ZZ');
  return date.toFormat('ZZZ').slice(0, count === 1 ? 3 : 5);
}

type FieldFormatter = (date: DateTime, count: number) => string;

function number(valueOf: (date: DateTime) => number): FieldFormatter {
  return (date, count) => pad(valueOf(date), count);
}

const FORMATTERS: Readonly<Record<PatternLetter, FieldFormatter>> = {
  G: (date) => ERAS[date.year > 0 ? 1 : 0] ?? '',
  y: (date, count) => formatYear(date.year, count),
  Y: (date, count) => formatYear(date.localWeekYear, count),
  M: (date, count) => formatMonth(date.month, count),
  L: (date, count) => formatMonth(date.month, count),
  w: number((date) => date.localWeekNumber),
  W: number(weekOfMonth),
  D: number((date) => date.ordinal),
  d: number((date) => date.day),
  F: number(weekdayOccurrence),
  E: (date, count) => (count <= 3 ? SHORT_WEEKDAYS : LONG_WEEKDAYS)[date.weekday - 1] ?? '',
  u: number((date) => date.weekday),
  a: (date) => MERIDIEMS[date.hour < 12 ? 0 : 1] ?? '',
  H: number((date) => date.hour),
  k: number((date) => (date.hour === 0 ? 24 : date.hour)),
  K: number((date) => date.hour % 12),
  h: number((date) => (date.hour % 12 === 0 ? 12 : date.hour % 12)),
  m: number((date) => date.minute),
  s: number((date) => date.second),
  S: number((date) => date.millisecond),
  z: (date, count) => zoneName(date.toMillis(), date.zone, count >= 4 ? 'long' : 'short'),
  Z: (date) => date.toFormat('ZZZ'),
  X: formatIsoOffset,
};

/** Writes an instant as the pattern says. The calendar is Gregorian throughout; weeks are American. */
export function formatTokens(tokens: readonly PatternToken[], epochMs: number, zone: Zone): string {
  const date = DateTime.fromMillis(Math.floor(epochMs), { zone, locale: 'en-US' });
  return tokens
    .map((token) =>
      token.kind === 'literal' ? token.text : FORMATTERS[token.letter](date, token.count),
    )
    .join('');
}
