import type { Block } from './journal-blocks';
import type { JournalEntry } from './poll-store';

/** A block that was read and is not done. */
interface OpenBlock {
  /** Where it is in the journal. */
  place: string;
  /** How many entries are not struck off. */
  left: number;
  /** The keys of those that are, as the store holds them too. */
  struck: readonly string[];
}

/** What striking entries off does to a block. */
export interface Strike {
  place: string;
  /** All keys struck off the block so far, with these. */
  struck: readonly string[];
  /** True when none is left, so that the block goes. */
  isLast: boolean;
  /** True when keys of the block were struck off before. */
  hasMark: boolean;
  /** To be called once it is written: what could not be written may be struck off again. */
  note: () => void;
}

/** The blocks of one resource's journal that were read: which of their entries are done. */
export class OpenBlocks {
  /** By the keys of their entries that are not struck off: one block, unless one was added twice. */
  private readonly blocks = new Map<string, OpenBlock[]>();
  private readers = 0;
  /** Blocks that went while some were being read, so that the answer may still hold them. */
  private readonly gone = new Set<string>();

  /** @param marked by the place of a block: the keys struck off it in an earlier run */
  constructor(private readonly marked = new Map<string, readonly string[]>()) {}

  /** Runs something that reads blocks and opens them. */
  async whileReading<Result>(read: () => Promise<Result>): Promise<Result> {
    this.readers += 1;
    try {
      return await read();
    } finally {
      this.readers -= 1;
      if (this.readers === 0) this.gone.clear();
    }
  }

  /** The entries of a block that are not struck off. */
  open(place: string, entries: Block): JournalEntry[] {
    if (this.gone.has(place)) return [];
    const before = entries
      .flatMap(({ key }) => this.blocks.get(key) ?? [])
      .find((block) => block.place === place);
    const struck = new Set(before?.struck ?? this.marked.get(place));
    const left = entries.filter(({ key }) => !struck.has(key));
    if (before !== undefined) return left;
    const block = { place, left: left.length, struck: [...struck] };
    for (const { key } of left) this.blocks.set(key, [...(this.blocks.get(key) ?? []), block]);
    return left;
  }

  /** True for an entry that was read and is not struck off. */
  isOpen(key: string): boolean {
    return this.blocks.has(key);
  }

  /** What striking off these keys takes; those struck off already or never read are left out. */
  strikes(keys: readonly string[]): Strike[] {
    const byBlock = new Map<OpenBlock, string[]>();
    for (const key of new Set(keys)) {
      for (const block of this.blocks.get(key) ?? []) {
        const others = byBlock.get(block);
        if (others === undefined) byBlock.set(block, [key]);
        else others.push(key);
      }
    }
    return [...byBlock].map(([block, struck]) => ({
      place: block.place,
      struck: [...block.struck, ...struck],
      isLast: struck.length >= block.left,
      hasMark: block.struck.length > 0,
      note: () => {
        this.note(block, struck);
      },
    }));
  }

  private note(block: OpenBlock, struck: readonly string[]): void {
    for (const key of struck) this.blocks.delete(key);
    block.left -= struck.length;
    block.struck = [...block.struck, ...struck];
    if (block.left > 0) return;
    this.marked.delete(block.place);
    if (this.readers > 0) this.gone.add(block.place);
  }
}
