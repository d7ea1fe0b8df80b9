import { DateTime, FixedOffsetZone, type Zone } from 'luxon';

/** Epoch ms; the two differ only for a local time inside a repeated hour (autumn). */
export interface ParsedInstant {
  readonly earliest: number;
  readonly latest: number;
}

/**
 * Turns wall-clock times of one zone into instants. A wall time is written as the epoch ms it would
 * have if the zone were UTC.
 */
export type WallClock = (wallMs: number) => ParsedInstant;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;
/** Offsets lie between -12:00 and +14:00, so no wall clock steps back further than this. */
const LONGEST_STEP_MS = 26 * HOUR_MS;
const CACHED_DAYS = 4096;

export function singleInstant(epochMs: number): ParsedInstant {
  return { earliest: epochMs, latest: epochMs };
}

/** The instant of a wall time at a known offset in minutes. */
export function atOffset(wallMs: number, offsetMinutes: number): number {
  return wallMs - offsetMinutes * MINUTE_MS;
}

/** What the wall clock of the zone shows at an instant. */
export function wallAt(epochMs: number, zone: Zone): number {
  return epochMs + zone.offset(epochMs) * MINUTE_MS;
}

/** A repeated wall time gives both instants; a skipped one gives the instant the gap shifts it to. */
function instantsNearTransition(wallMs: number, zone: Zone): ParsedInstant {
  const instants = DateTime.fromMillis(wallMs, { zone: FixedOffsetZone.utcInstance })
    .setZone(zone, { keepLocalTime: true })
    .getPossibleOffsets()
    .map((date) => date.toMillis());
  return { earliest: Math.min(...instants), latest: Math.max(...instants) };
}

/** Remembers which days have one offset throughout, because asking a zone for it is slow. */
export function createWallClock(zone: Zone): WallClock {
  if (zone.isUniversal) {
    const offset = zone.offset(0);
    return (wallMs) => singleInstant(atOffset(wallMs, offset));
  }
  const offsetOfDay = new Map<number, number | undefined>();
  const steadyOffset = (day: number): number | undefined => {
    if (offsetOfDay.has(day)) return offsetOfDay.get(day);
    const before = zone.offset((day - 1) * DAY_MS);
    const after = zone.offset((day + 2) * DAY_MS);
    const offset = before === after ? before : undefined;
    if (offsetOfDay.size >= CACHED_DAYS) offsetOfDay.clear();
    offsetOfDay.set(day, offset);
    return offset;
  };
  return (wallMs) => {
    const offset = steadyOffset(Math.floor(wallMs / DAY_MS));
    return offset === undefined
      ? instantsNearTransition(wallMs, zone)
      : singleInstant(atOffset(wallMs, offset));
  };
}

/** The first instant in (from, to] whose offset is no longer that of `from`. */
function transitionBetween(from: number, to: number, zone: Zone): number {
  const offset = zone.offset(from);
  let before = from;
  let after = to;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (zone.offset(middle) === offset) before = middle;
    else after = middle;
  }
  return after;
}

/** A wall-clock time, as an instant and the zone or offset to show it in. */
export interface WallTime {
  readonly at: number;
  readonly zone: Zone;
}

/** The step back's first second repeats an earlier one; a `>` must still let it through. */
const STRICT_BOUND_MS = 1000;

/** The instants in (from, to] at which the zone's wall clock is set back. */
function* stepsBack(from: number, to: number, zone: Zone): Generator<number, void, void> {
  if (zone.isUniversal) return;
  for (let left = from; left < to; left += HOUR_MS) {
    const right = Math.min(left + HOUR_MS, to);
    if (zone.offset(right) < zone.offset(left)) yield transitionBetween(left, right, zone);
  }
}

/**
 * A lower bound for all that the zone's wall clock shows between `from` and `now`: `from` itself,
 * unless the clock is set back soon after it. A server that compares wall-clock text would otherwise
 * miss what was written just after the step back.
 */
export function smallestWall(from: number, now: number, zone: Zone): WallTime {
  let smallest: WallTime = { at: from, zone };
  for (const step of stepsBack(from, Math.min(now, from + LONGEST_STEP_MS), zone)) {
    const after = FixedOffsetZone.instance(zone.offset(step));
    const at = step - STRICT_BOUND_MS;
    if (wallAt(at, after) < wallAt(smallest.at, smallest.zone)) smallest = { at, zone: after };
  }
  return smallest;
}

/** An upper bound likewise: the last moment before a step back may show more than `now` does. */
export function greatestWall(from: number, now: number, zone: Zone): WallTime {
  let greatest = now;
  for (const step of stepsBack(Math.max(from, now - LONGEST_STEP_MS), now, zone)) {
    if (wallAt(step - 1, zone) > wallAt(greatest, zone)) greatest = step - 1;
  }
  return { at: greatest, zone };
}
