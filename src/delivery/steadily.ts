import type { Clock } from '../effects/clock';
import { SageCrmError, type ErrorCode } from '../errors/sagecrm-error';

/** How long after a disk's refusal it is asked again. */
export const DISK_PAUSE_MS = 5_000;

/** What passes by itself: a disk or a Redis that refuses for a while. */
const PASSING = new Set<ErrorCode>(['STATE_IO', 'REDIS_UNAVAILABLE']);

export interface SteadyOptions {
  clock: Clock;
  signal: AbortSignal;
  onError: (error: SageCrmError) => void;
}

/**
 * Runs what the disk or Redis refuses again and again until it works, so that a full disk delays
 * deliveries and loses none. Each failure is told.
 *
 * @throws what is neither `STATE_IO` nor `REDIS_UNAVAILABLE`, or the signal's reason when it is aborted
 */
export async function steadily<Result>(
  run: () => Promise<Result>,
  { clock, signal, onError }: SteadyOptions,
): Promise<Result> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof SageCrmError) || !PASSING.has(error.code)) throw error;
      onError(error);
      await clock.sleep(DISK_PAUSE_MS, signal);
    }
  }
}
