import type { EventMessage, EventType } from '../event/event';
import type { JournalEntry, PollStore } from '../store/poll-store';

/** Messages handed over between two acknowledgements: what a crash may repeat at most. */
const SLICE = 200;

export interface DrainOptions {
  store: PollStore;
  resource: string;
  /** The start of the next window: what it may show again stays in the seen set. */
  seenFrom: number | null;
  emit: (message: EventMessage) => void;
}

/**
 * Emits what the journal holds, in its order, and acknowledges it slice by slice.
 *
 * When `emit` throws or the signal is aborted, what was emitted so far is acknowledged first.
 */
export async function drainJournal(
  options: DrainOptions,
  signal: AbortSignal,
  onEmitted: (type: EventType) => void,
): Promise<void> {
  const { store, resource } = options;
  for (;;) {
    signal.throwIfAborted();
    const slice = await store.readJournal(resource, SLICE);
    if (slice.length === 0) return;
    await emitSlice(options, slice, onEmitted);
  }
}

async function emitSlice(
  { store, resource, seenFrom, emit }: DrainOptions,
  slice: readonly JournalEntry[],
  onEmitted: (type: EventType) => void,
): Promise<void> {
  const emitted: JournalEntry[] = [];
  try {
    for (const entry of slice) {
      emit(entry.message);
      emitted.push(entry);
      onEmitted(entry.message.event.eventType);
    }
  } finally {
    if (emitted.length > 0) await store.acknowledge(resource, emitted, seenFrom);
  }
}
