import { DateTime, type WeekdayNumbers } from 'luxon';
import { dayMs, timeMs, weekdayOf, within } from './calendar';
import { weekdayOccurrence, weekOfMonth } from './date-format';

/** What was read from a text, each field in Java's numbering; weekdays are 1 (Monday) to 7. */
export interface DateFields {
  /** 0 is BC, 1 is AD. */
  era?: number;
  year?: number;
  weekYear?: number;
  month?: number;
  week?: number;
  weekOfMonth?: number;
  dayOfYear?: number;
  day?: number;
  weekdayOccurrence?: number;
  weekday?: number;
  /** 0 is AM, 1 is PM. */
  meridiem?: number;
  /** 0 to 23. */
  hour?: number;
  /** 1 to 24. */
  clockHour?: number;
  /** 0 to 11. */
  halfDayHour?: number;
  /** 1 to 12. */
  halfDayClockHour?: number;
  minute?: number;
  second?: number;
  millisecond?: number;
  /** Minutes east of UTC. */
  offset?: number;
  zoneText?: string;
}

const UTC_ENGLISH = { zone: 'utc', locale: 'en-US' };
const SUNDAY = 7;

/** Two fields that must say the same; one that was not read says nothing. */
function agree(read: number | undefined, actual: number | undefined): boolean {
  return read === undefined || actual === undefined || read === actual;
}

function withinIfRead(value: number | undefined, lowest: number, highest: number): boolean {
  return value === undefined || within(value, lowest, highest);
}

/** A number of the clock that ends its cycle at `cycle` where the other form begins it at 0. */
function fromZero(value: number | undefined, cycle: number): number | undefined {
  return value === undefined ? undefined : value % cycle;
}

function hourOf(fields: DateFields): number | undefined {
  const { hour, clockHour, halfDayHour, halfDayClockHour, meridiem } = fields;
  const inRange =
    withinIfRead(clockHour, 1, 24) &&
    withinIfRead(halfDayHour, 0, 11) &&
    withinIfRead(halfDayClockHour, 1, 12);
  const half = halfDayHour ?? fromZero(halfDayClockHour, 12);
  const whole = hour ?? fromZero(clockHour, 24);
  const result = whole ?? (half ?? 0) + (meridiem ?? 0) * 12;
  const agrees = agree(half, result % 12) && agree(meridiem, result < 12 ? 0 : 1);
  return inRange && agrees ? result : undefined;
}

function sundayFirst(weekday: number | undefined): WeekdayNumbers {
  return (((weekday ?? SUNDAY) % 7) + 1) as WeekdayNumbers;
}

/** The day named by a day of the year or by a week of the year. */
function dayOfWholeYear(fields: DateFields, year: number): DateTime {
  if (fields.dayOfYear !== undefined) {
    return DateTime.fromObject({ year, ordinal: fields.dayOfYear }, UTC_ENGLISH);
  }
  const week = {
    localWeekYear: fields.weekYear ?? year,
    localWeekNumber: fields.week ?? 1,
    localWeekday: sundayFirst(fields.weekday),
  };
  return DateTime.fromObject(week, UTC_ENGLISH);
}

/** The day named by its weekday and the week, or the number of that weekday, within a month. */
function dayWithinMonth(fields: DateFields, first: DateTime): DateTime {
  const { weekday, weekOfMonth: week, weekdayOccurrence: occurrence = 1 } = fields;
  if (week !== undefined) {
    const sunday = first.minus({ days: first.weekday % 7 });
    return sunday.plus({ days: (week - 1) * 7 + sundayFirst(weekday) - 1 });
  }
  const untilWeekday = ((weekday ?? SUNDAY) - first.weekday + 7) % 7;
  return first.plus({ days: untilWeekday + (occurrence - 1) * 7 });
}

function unusualDay(fields: DateFields, year: number): DateTime {
  const { month = 1, day } = fields;
  if (day !== undefined) return DateTime.fromObject({ year, month, day }, UTC_ENGLISH);
  const byMonth = fields.weekOfMonth !== undefined || fields.weekdayOccurrence !== undefined;
  if (byMonth) return dayWithinMonth(fields, DateTime.fromObject({ year, month }, UTC_ENGLISH));
  return dayOfWholeYear(fields, year);
}

/** Whether every field that was read says the same as the day they led to. */
function allAgree(date: DateTime, fields: DateFields, year: number | undefined): boolean {
  return (
    agree(year, date.year) &&
    agree(fields.weekYear, date.localWeekYear) &&
    agree(fields.month, date.month) &&
    agree(fields.week, date.localWeekNumber) &&
    agree(fields.weekOfMonth, weekOfMonth(date)) &&
    agree(fields.dayOfYear, date.ordinal) &&
    agree(fields.day, date.day) &&
    agree(fields.weekdayOccurrence, weekdayOccurrence(date)) &&
    agree(fields.weekday, date.weekday)
  );
}

/** Whether year, month and day name the day; a weekday beside a day is only checked. */
function isUsual(fields: DateFields): boolean {
  return (
    fields.weekYear === undefined &&
    fields.week === undefined &&
    fields.weekOfMonth === undefined &&
    fields.dayOfYear === undefined &&
    fields.weekdayOccurrence === undefined
  );
}

function usualMidnight(fields: DateFields, year: number): number | undefined {
  const midnight = dayMs(year, fields.month ?? 1, fields.day ?? 1);
  if (midnight === undefined || fields.weekday === undefined) return midnight;
  return fields.weekday === weekdayOf(midnight) ? midnight : undefined;
}

function midnightOf(fields: DateFields): number | undefined {
  if (fields.year !== undefined && fields.year < 1) return undefined;
  const year = fields.era === 0 ? 1 - (fields.year ?? 1970) : (fields.year ?? 1970);
  if (isUsual(fields)) return usualMidnight(fields, year);
  const date = unusualDay(fields, year);
  const readYear = fields.year === undefined ? undefined : year;
  return date.isValid && allAgree(date, fields, readYear) ? date.toMillis() : undefined;
}

/**
 * The wall time the fields stand for (missing ones as of 1970-01-01 00:00), as epoch ms if the zone
 * were UTC; undefined when they contradict each other or the calendar.
 */
export function wallOf(fields: DateFields): number | undefined {
  const midnight = midnightOf(fields);
  const hour = hourOf(fields);
  if (midnight === undefined || hour === undefined) return undefined;
  const time = timeMs(hour, fields.minute ?? 0, fields.second ?? 0, fields.millisecond ?? 0);
  return time === undefined ? undefined : midnight + time;
}
