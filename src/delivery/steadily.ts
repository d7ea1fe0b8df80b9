import type { Clock } from '../effects/clock';
import { SageCrmError } from '../errors/sagecrm-error';

/** How long after a disk's refusal it is asked again. */
export const DISK_PAUSE_MS = 5_000;

export interface SteadyOptions {
  clock: Clock;
  signal: AbortSignal;
  onError: (error: SageCrmError) => void;
}

/**
 * Runs what the disk refuses again and again until it works, so that a full disk delays deliveries
 * and loses none. Each failure is told.
 *
 * @throws what is not `STATE_IO`, or the signal's reason when it is aborted
 */
export async function steadily<Result>(
  run: () => Promise<Result>,
  { clock, signal, onError }: SteadyOptions,
): Promise<Result> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof SageCrmError) || error.code !== 'STATE_IO') throw error;
      onError(error);
      await clock.sleep(DISK_PAUSE_MS, signal);
    }
  }
}
