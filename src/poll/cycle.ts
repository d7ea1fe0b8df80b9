import type { SageCrmError } from '../errors/sagecrm-error';
import type { PollerStatus } from './poller-status';
import type { Slot } from './slot';

export interface CycleOutcome {
  slots: readonly Slot[];
  /** How many changes were emitted. */
  changes: number;
  /** Set when the log-on was refused. */
  refusal: SageCrmError | undefined;
  isPaused: boolean;
}

/** What a node shows once each resource has had its turn: what needs the user's eye comes first. */
export function statusAfter({ slots, changes, refusal, isPaused }: CycleOutcome): PollerStatus {
  if (refusal !== undefined) return { kind: 'refused', error: refusal };
  if (isPaused) return { kind: 'paused' };
  for (const { name, lastError } of slots) {
    if (lastError !== undefined) return { kind: 'failed', resource: name, error: lastError };
  }
  const waiting = slots.find(({ isWaiting }) => isWaiting);
  if (waiting !== undefined) return { kind: 'waiting', resource: waiting.name };
  const isElsewhere = slots.length > 0 && slots.every(({ isLeftToOthers }) => isLeftToOthers);
  return isElsewhere ? { kind: 'elsewhere' } : { kind: 'idle', changes };
}

/** When the first resource is due, on the monotonic clock; undefined: none is due by itself. */
export function firstDue(slots: readonly Slot[]): number | undefined {
  const times = slots.flatMap(({ dueAt, blocked }) =>
    dueAt === undefined || blocked !== undefined ? [] : [dueAt],
  );
  return times.length === 0 ? undefined : Math.min(...times);
}
