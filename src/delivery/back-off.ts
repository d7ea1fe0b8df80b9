import type { Random } from '../effects/random';

/** When a delivery is tried: the longest wait before each try, in milliseconds. */
export const DEFAULT_SCHEDULE: readonly number[] = [
  0, 1_000, 5_000, 30_000, 120_000, 600_000, 1_800_000,
];

/** However long a receiver asks to wait, the next try comes within an hour. */
export const LONGEST_RETRY_AFTER_MS = 3_600_000;

/**
 * The wait before try `attempt` (counted from 1), or `undefined` when there are no more tries.
 *
 * Full jitter: anywhere from nothing to the schedule's step, so that senders that failed together do
 * not come back together. A `Retry-After` is a lower bound.
 */
export function delayBefore(
  attempt: number,
  schedule: readonly number[],
  random: Random,
  retryAfterMs = 0,
): number | undefined {
  const step = schedule[attempt - 1];
  if (step === undefined) return undefined;
  return Math.max(Math.floor(random() * step), Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS));
}
