export function within(value: number, lowest: number, highest: number): boolean {
  return value >= lowest && value <= highest;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** `Date.UTC` moves the years 0 to 99 into the twentieth century. */
function utcMidnight(year: number, month: number, day: number): number {
  return within(year, 0, 99)
    ? new Date(Date.UTC(2000, month - 1, day)).setUTCFullYear(year, month - 1, day)
    : Date.UTC(year, month - 1, day);
}

/** The epoch ms of a day taken as UTC; undefined when the calendar has no such day up to 9999. */
export function dayMs(year: number, month: number, day: number): number | undefined {
  const possible =
    within(year, -9999, 9999) && within(month, 1, 12) && within(day, 1, daysInMonth(year, month));
  return possible ? utcMidnight(year, month, day) : undefined;
}

/** The milliseconds since midnight; undefined when a part is out of its range. */
export function timeMs(
  hour: number,
  minute: number,
  second: number,
  millisecond: number,
): number | undefined {
  const possible =
    within(hour, 0, 23) &&
    within(minute, 0, 59) &&
    within(second, 0, 59) &&
    within(millisecond, 0, 999);
  return possible ? ((hour * 60 + minute) * 60 + second) * 1000 + millisecond : undefined;
}

/** 1 (Monday) to 7 of a midnight in UTC. */
export function weekdayOf(midnightMs: number): number {
  return ((new Date(midnightMs).getUTCDay() + 6) % 7) + 1;
}
