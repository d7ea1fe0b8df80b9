import type { Clock } from '../../src/effects/clock';
import { SageCrmError, type ErrorCode } from '../../src/errors/sagecrm-error';

/** A disk or a lock may be free again after this long. */
export const OPEN_AGAIN_MS = 10_000;

/** What only a deploy, a restart or a move can mend. */
const LASTING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'STATE_CORRUPT',
  'CONFIG_INVALID',
  'REDIS_MISSING',
  'STATE_MOVED',
  'STATE_ELSEWHERE',
]);

interface Opening {
  outbox: { get(): Promise<unknown> };
  clock: Clock;
  /** Aborted when the node closes. */
  signal: AbortSignal;
  onError: (error: unknown) => void;
}

/** A fault of the disk may pass; damage and wrong settings do not, and are told once. */
export async function keepOpening({ outbox, clock, signal, onError }: Opening): Promise<void> {
  while (!signal.aborted) {
    try {
      await outbox.get();
      return;
    } catch (error) {
      onError(error);
      if (error instanceof SageCrmError && LASTING.has(error.code)) return;
      await clock.sleep(OPEN_AGAIN_MS, signal).catch(() => undefined);
    }
  }
}
