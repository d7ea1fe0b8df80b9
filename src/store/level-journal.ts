import { parsedJson } from '../json/parsed-json';
import { blockText, readBlockText } from './block-text';
import {
  BLOCK_SIZE,
  compareKeys,
  inOrder,
  isOfMany,
  placeOf,
  struckSchema,
  toBlocks,
  type Block,
} from './journal-blocks';
import { JournalMerge, type JournalPosition } from './journal-merge';
import { below, del, guarded, put, putText, type Operation } from './level-operations';
import { OpenBlocks, type Strike } from './open-blocks';
import type { Level } from './open-level';
import { journalKey, struckKey } from './poll-keys';
import type { JournalEntry } from './poll-store';
import { stateCorrupt } from './state-error';

/** Struck entries after which their place on disk, and in mapped memory, is given back. */
const COMPACT_AFTER = 20_000;

/** What is known of one resource's journal. */
interface Known {
  /** True until a block is found or added, so that there is nothing to read. */
  isEmpty: boolean;
  /** The last key of the latest block. */
  end: string | undefined;
  blocks: OpenBlocks;
  /** Where the latest reading stands, behind the key it gave last. */
  reading: { after: string; position: JournalPosition } | undefined;
}

/**
 * The journal of a poll store: events in the order of their keys, in blocks where they come in that
 * order, since a block costs hardly more than an event.
 *
 * - `journal!{resource}!{key}`: a single event
 * - `journal!{resource}!{key of its first event}!`: a block of more
 * - `struck!{resource}!{the same key}`: the keys of its events that are done, while others are not
 */
export class LevelJournal {
  private readonly known = new Map<string, Known>();
  private struckCount = 0;

  constructor(private readonly db: Level) {}

  /** What adds these entries, as part of a larger write. */
  async adding(resource: string, entries: readonly JournalEntry[]): Promise<Operation[]> {
    if (entries.length === 0) return [];
    const known = await this.knownOf(resource);
    known.isEmpty = false;
    const blocks = toBlocks(inOrder(entries), known.end);
    if (blocks.some(({ length }) => length > 1)) known.end = blocks.at(-1)?.at(-1)?.key;
    return blocks.map((block) => putText(journalKey(resource, placeOf(block)), blockText(block)));
  }

  /** The first entries behind the key `after`; to go on where the last answer ended costs least. */
  async read(resource: string, limit: number, after: string): Promise<JournalEntry[]> {
    const known = await this.knownOf(resource);
    if (known.isEmpty) return [];
    return known.blocks.whileReading(() =>
      guarded('read', async () => {
        const merge = new JournalMerge(positionBehind(known, after));
        const isOver = await this.readOn(resource, known.blocks, merge, limit, after);
        const entries = merge.take(Math.min(limit, isOver ? Infinity : merge.ready));
        const last = entries.at(-1)?.key;
        known.reading = last === undefined ? undefined : { after: last, position: merge.position };
        return entries;
      }),
    );
  }

  async strikeOff(resource: string, keys: readonly string[]): Promise<void> {
    const { blocks } = await this.knownOf(resource);
    const strikes = blocks.strikes(keys);
    const operations = strikes.flatMap((strike) => striking(resource, strike));
    await guarded('written', () => this.db.batch(operations));
    for (const { note } of strikes) note();
    await this.compact(resource, keys);
  }

  /** All that is not struck off, a block at a time; for a copy, so nothing of it becomes known. */
  async *blocks(resource: string): AsyncGenerator<JournalEntry[]> {
    const prefix = journalKey(resource, '');
    for await (const [key, text] of this.db.iterator(below(prefix))) {
      const mark = await this.db.get(struckKey(resource, key.slice(prefix.length)));
      const struck = mark === undefined ? [] : readStruck(resource, mark);
      yield readBlock(resource, text).filter((entry) => !struck.includes(entry.key));
    }
  }

  /** Drops all of a resource's journal. */
  async clear(resource: string): Promise<void> {
    this.known.delete(resource);
    await this.db.clear(below(journalKey(resource, '')));
    await this.db.clear(below(struckKey(resource, '')));
  }

  /**
   * Reads blocks until enough entries have their turn.
   *
   * @returns true when there are no more blocks
   */
  private async readOn(
    resource: string,
    open: OpenBlocks,
    merge: JournalMerge,
    limit: number,
    after: string,
  ): Promise<boolean> {
    const prefix = journalKey(resource, '');
    // Keys only: an iterator holds the values it brought last until it is collected as garbage.
    const keys = this.db.iterator({
      gt: `${prefix}${merge.position.place}`,
      lt: below(prefix).lt,
      values: false,
    });
    try {
      // One more than what is asked for may take: the last one tells only that those before are ready.
      const blocks = Math.ceil(limit / BLOCK_SIZE) + 1;
      for (let count = blocks; merge.ready < limit;) {
        const next = (await keys.nextv(count)).map(([key]) => key);
        if (next.length === 0) return true;
        const found = await this.blocksAt(resource, next);
        const entries = found.flatMap(([place, block]) => open.open(place, block));
        merge.add(
          (next.at(-1) ?? '').slice(prefix.length),
          entries.filter(({ key }) => compareKeys(key, after) > 0),
        );
        count = isOfMany(next.at(-1) ?? '') ? blocks : limit;
      }
      return false;
    } finally {
      await keys.close();
    }
  }

  /** Those of the blocks that are still there. */
  private async blocksAt(
    resource: string,
    keys: readonly string[],
  ): Promise<(readonly [place: string, Block])[]> {
    const { length } = journalKey(resource, '');
    const texts = await this.db.getMany([...keys]);
    return keys.flatMap((key, index) => {
      const text = texts[index];
      return text === undefined ? [] : [[key.slice(length), readBlock(resource, text)] as const];
    });
  }

  private async compact(resource: string, keys: readonly string[]): Promise<void> {
    const last = keys.at(-1);
    this.struckCount += keys.length;
    if (this.struckCount < COMPACT_AFTER || last === undefined) return;
    this.struckCount = 0;
    const range = [journalKey(resource, ''), journalKey(resource, last)] as const;
    await guarded('written', () => this.db.compactRange(...range));
  }

  private async knownOf(resource: string): Promise<Known> {
    const before = this.known.get(resource);
    if (before !== undefined) return before;
    const found = await this.found(resource);
    // Whoever asked at the same time may have added a block since.
    const known = this.known.get(resource) ?? found;
    this.known.set(resource, known);
    return known;
  }

  private async found(resource: string): Promise<Known> {
    const range = { reverse: true, limit: 1, ...below(journalKey(resource, '')) };
    const { length } = struckKey(resource, '');
    return guarded('read', async () => {
      const [last] = await this.db.iterator(range).all();
      // Where there are no blocks there are no marks on them.
      if (last === undefined) {
        const blocks = new OpenBlocks();
        return { isEmpty: true, end: undefined, blocks, reading: undefined };
      }
      const struck = await this.db.iterator(below(struckKey(resource, ''))).all();
      const marked = struck.map(
        ([key, text]) => [key.slice(length), readStruck(resource, text)] as const,
      );
      return {
        isEmpty: false,
        end: readBlock(resource, last[1]).at(-1)?.key,
        blocks: new OpenBlocks(new Map(marked)),
        reading: undefined,
      };
    });
  }
}

/** Where a reading goes on; what was struck off since it was read has no turn any more. */
function positionBehind({ reading, blocks }: Known, after: string): JournalPosition {
  if (reading === undefined || after === '' || reading.after !== after) {
    return { place: '', waiting: [] };
  }
  const { place, waiting } = reading.position;
  return { place, waiting: waiting.filter(({ key }) => blocks.isOpen(key)) };
}

function striking(resource: string, { place, struck, isLast, hasMark }: Strike): Operation[] {
  const mark = struckKey(resource, place);
  if (!isLast) return [put(mark, struck)];
  const gone = del(journalKey(resource, place));
  return hasMark ? [gone, del(mark)] : [gone];
}

function readBlock(resource: string, text: string): Block {
  const block = readBlockText(text);
  if (block !== undefined) return block;
  throw stateCorrupt(`of ${resource} holds a damaged event`, undefined, resource);
}

function readStruck(resource: string, text: string): string[] {
  const struck = struckSchema.safeParse(parsedJson(text));
  if (struck.success) return struck.data;
  throw stateCorrupt(`of ${resource} holds a damaged mark`, undefined, resource);
}
