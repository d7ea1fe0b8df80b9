import type { Zone } from 'luxon';
import type { DateText, WallTime } from './date-text';

/** Where a date stands in a zone that repeats an hour in autumn. */
export interface ZoneRules {
  /** The zone the wall time is wanted in; `keep` leaves the text's own form. */
  literalZone: 'keep' | Zone;
  /** The zone of a text that names none. */
  serverZone: Zone;
}

/** A wall time as a bound, and whether it belongs to what is asked for. */
export interface Bound {
  time: WallTime;
  inclusive: boolean;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What a SQL Server `datetime` can hold, to the second. */
const FIRST_WALL = Date.UTC(1753, 0, 1);
const LAST_WALL = Date.UTC(9999, 11, 31, 23, 59, 59);

/** The first wall time there is on the server; without a zone, which could put it before that. */
export const FIRST_TIME: WallTime = { wall: FIRST_WALL, suffix: '', dayOnly: false };

/**
 * The lower bound on the wall that no later moment falls below: where clocks are put back within
 * the next 24 hours, the repeated hour would else lie below its own bound and be lost.
 */
export function lowerBound(date: DateText, inclusive: boolean, rules: ZoneRules): Bound {
  const { literalZone: zone } = rules;
  if (zone === 'keep') return { time: date, inclusive };
  const instant = Math.min(...candidates(date, rules.serverZone));
  let wall = wallOf(date, instant, rules);
  let belongs = inclusive;
  for (const { after } of putBacks(instant, instant + DAY, zone)) {
    // The first moment after the change has exactly this wall time, so that it must belong.
    if (after <= wall) [wall, belongs] = [after, true];
  }
  return { time: bare(wall), inclusive: belongs };
}

/**
 * The upper bound on the wall that no earlier moment rises above, where clocks were put back within
 * the 24 hours before. Columns hold whole seconds.
 */
export function upperBound(date: DateText, inclusive: boolean, rules: ZoneRules): Bound {
  const { literalZone: zone } = rules;
  if (zone === 'keep') return { time: date, inclusive };
  const instant = Math.max(...candidates(date, rules.serverZone));
  let wall = wallOf(date, instant, rules);
  for (const { before } of putBacks(instant - DAY, instant, zone)) {
    wall = Math.max(wall, inclusive ? before - SECOND : before);
  }
  return { time: bare(wall), inclusive };
}

/**
 * Every wall time a moment equal to the date can have, and whether other moments share one of them.
 */
export function equalTimes(
  date: DateText,
  rules: ZoneRules,
): { times: WallTime[]; shared: boolean } {
  const { literalZone: zone, serverZone } = rules;
  if (zone === 'keep') return { times: [date], shared: false };
  if (isWritten(date, rules)) return { times: [bare(date.wall)], shared: false };
  const instants = candidates(date, serverZone);
  const walls = [...new Set(instants.map((instant) => wallAt(instant, zone)))];
  const shared = instants.length > 1 || walls.some((wall) => instantsAt(wall, zone).length > 1);
  return { times: walls.map(bare), shared };
}

/** The last whole second below an exclusive upper bound. */
export function lastSecondBefore(time: WallTime): WallTime {
  return { ...time, wall: Math.ceil(time.wall / SECOND) * SECOND - SECOND, dayOnly: false };
}

/** A conversion must not carry a date that stands for "the first" or "the last" out of the range. */
function bare(wall: number): WallTime {
  const within = Math.min(Math.max(wall, FIRST_WALL), LAST_WALL);
  return { wall: within, suffix: '', dayOnly: false };
}

/** True when the text is on the wanted wall already, whatever moment it may stand for. */
function isWritten(date: DateText, { literalZone, serverZone }: ZoneRules): boolean {
  return date.instant === undefined && literalZone !== 'keep' && literalZone.equals(serverZone);
}

function wallOf(date: DateText, instant: number, rules: ZoneRules): number {
  const { literalZone: zone } = rules;
  return zone === 'keep' || isWritten(date, rules) ? date.wall : wallAt(instant, zone);
}

function wallAt(instant: number, zone: Zone): number {
  return instant + zone.offset(instant) * MINUTE;
}

/** The moments a text may stand for: two in the repeated hour, two guesses for a missing one. */
function candidates(date: DateText, zone: Zone): number[] {
  return date.instant === undefined ? instantsAt(date.wall, zone) : [date.instant];
}

function instantsAt(wall: number, zone: Zone): number[] {
  const around = [wall - DAY, wall + DAY].map((time) => wall - zone.offset(time) * MINUTE);
  const guesses = [...new Set(around)];
  const real = guesses.filter((instant) => wallAt(instant, zone) === wall);
  return real.length > 0 ? real : guesses;
}

/** The moments in (from, to] at which clocks are put back: the wall time before and after each. */
function putBacks(from: number, to: number, zone: Zone): { before: number; after: number }[] {
  const found: { before: number; after: number }[] = [];
  if (zone.isUniversal) return found;
  for (let start = from; start < to; start += HOUR) {
    const end = Math.min(start + HOUR, to);
    if (zone.offset(end) >= zone.offset(start)) continue;
    const change = changeWithin(start, end, zone);
    found.push({ before: change + zone.offset(start) * MINUTE, after: wallAt(change, zone) });
  }
  return found;
}

/** The first moment of the new offset, knowing that there is one change in (start, end]. */
function changeWithin(start: number, end: number, zone: Zone): number {
  let [old, changed] = [start, end];
  while (changed - old > 1) {
    const middle = Math.floor((old + changed) / 2);
    if (zone.offset(middle) === zone.offset(start)) old = middle;
    else changed = middle;
  }
  return changed;
}
