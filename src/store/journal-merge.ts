import { compareKeys, firstKeyOf, inOrder } from './journal-blocks';
import type { JournalEntry } from './poll-store';

/** How far a reading of the journal has come. */
export interface JournalPosition {
  /** The place of the last block that was read; '' before the first. */
  place: string;
  /** Entries of the blocks so far that come behind what was given, in order. */
  waiting: readonly JournalEntry[];
}

/**
 * Puts the events of blocks in order. Blocks come in the order of their first events, so whatever
 * comes before the first event of the latest block has its turn; the rest may have to wait for single
 * events that lie within a block.
 */
export class JournalMerge {
  private waiting: readonly JournalEntry[];
  private place: string;

  constructor(from: JournalPosition) {
    this.waiting = from.waiting;
    this.place = from.place;
  }

  get position(): JournalPosition {
    return { place: this.place, waiting: this.waiting };
  }

  /** @param place of the last of the blocks that hold the entries */
  add(place: string, entries: readonly JournalEntry[]): void {
    this.place = place;
    this.waiting = inOrder([...this.waiting, ...entries]);
  }

  /** How many entries have their turn. */
  get ready(): number {
    const first = firstKeyOf(this.place);
    const index = this.waiting.findIndex(({ key }) => compareKeys(key, first) >= 0);
    return index === -1 ? this.waiting.length : index;
  }

  /** The next entries, which are then no longer here. */
  take(count: number): JournalEntry[] {
    const taken = this.waiting.slice(0, count);
    this.waiting = this.waiting.slice(count);
    return taken;
  }
}
