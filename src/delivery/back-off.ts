import type { Random } from '../effects/random';

const HOUR = 3_600_000;

/** However long a receiver asks to wait, the next try comes within a day. */
export const LONGEST_RETRY_AFTER_MS = 24 * HOUR;

/** How far a wait may be from its step, so that what failed together does not come back together. */
const SPREAD = 0.1;

/** A wait of `ms`, give or take a tenth. */
export function jittered(ms: number, random: Random): number {
  return Math.round(ms * (1 - SPREAD + 2 * SPREAD * random()));
}

/**
 * The wait before try `attempt` (counted from 1), or `undefined` when there are no more tries. A
 * `Retry-After` is a lower bound.
 */
export function delayBefore(
  attempt: number,
  schedule: readonly number[],
  random: Random,
  retryAfterMs = 0,
): number | undefined {
  const step = schedule[attempt - 1];
  if (step === undefined) return undefined;
  return Math.max(jittered(step, random), Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS));
}
