import type { EventMessage, EventType } from '../../event/event';
import type { JournalEntry } from '../../store/poll-store';

/** When an event may leave the journal: once it was emitted, or once the flow acknowledged it. */
export type CommitMode = 'emitted' | 'acknowledged';

export type Emit = (message: EventMessage) => void;

/** Told of each message that was handed to the flow, repeats excluded. */
export type OnEmitted = (type: EventType) => void;

/** Hands events to the flow and strikes them off the journal when their time has come. */
export interface Commit {
  /** How many messages more the flow may take. */
  readonly room: number;
  /** How many messages wait for their acknowledgement. */
  readonly unacknowledged: number;
  /** The journal keys of a resource that are with the flow already. */
  keysInFlight(resource: string): ReadonlySet<string>;
  /**
   * Emits the entries in their order.
   *
   * @returns false when the flow was full before the last one
   */
  hand(
    resource: string,
    entries: readonly JournalEntry[],
    signal: AbortSignal,
    onEmitted: OnEmitted,
  ): Promise<boolean>;
  /**
   * Forgets what of a resource is with the flow, since its journal was emptied or handed over by
   * another instance.
   */
  forget(resource: string): void;
  /** Ends timers and waits for writes under way. */
  close(): Promise<void>;
}
