import type { JournalEntry, PollStore } from '../../store/poll-store';
import type { Commit, Emit, OnEmitted } from './commit';

const NONE: ReadonlySet<string> = new Set();

/** Strikes events off the journal as soon as they have arrived at the next nodes. */
export class CommitOnEmission implements Commit {
  readonly room = Infinity;
  readonly unacknowledged = 0;

  /** @param delivered resolves once messages emitted before have arrived */
  constructor(
    private readonly store: PollStore,
    private readonly emit: Emit,
    private readonly delivered: () => Promise<void>,
  ) {}

  keysInFlight(): ReadonlySet<string> {
    return NONE;
  }

  /**
   * When `emit` throws, what was emitted so far is struck off first. When the node is closed before
   * the messages have arrived, they stay in the journal: coming twice is better than not at all.
   */
  async hand(
    resource: string,
    entries: readonly JournalEntry[],
    signal: AbortSignal,
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
      if (emitted.length > 0) {
        await this.delivered();
        signal.throwIfAborted();
        await this.store.strikeOff(resource, emitted);
      }
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
