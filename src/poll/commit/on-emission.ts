import type { JournalEntry, PollStore } from '../../store/poll-store';
import type { Commit, Emit, OnEmitted } from './commit';

const NONE: ReadonlySet<string> = new Set();

/** Strikes events off the journal as soon as they were emitted. */
export class CommitOnEmission implements Commit {
  readonly isFull = false;
  readonly unacknowledged = 0;

  constructor(
    private readonly store: PollStore,
    private readonly emit: Emit,
  ) {}

  keysInFlight(): ReadonlySet<string> {
    return NONE;
  }

  /** When `emit` throws, what was emitted so far is struck off first. */
  async hand(
    resource: string,
    entries: readonly JournalEntry[],
    onEmitted: OnEmitted,
  ): Promise<boolean> {
    const emitted: string[] = [];
    try {
      for (const { key, message } of entries) {
        this.emit(message);
        emitted.push(key);
        onEmitted(message.event.eventType);
      }
    } finally {
      if (emitted.length > 0) await this.store.strikeOff(resource, emitted);
    }
    return true;
  }

  forget(): void {
    // Nothing is ever in flight.
  }

  async close(): Promise<void> {
    // Nothing is under way outside of `hand`.
  }
}
