import { z } from 'zod';
import { parsedJson } from '../json/parsed-json';
import { blockSchema, compareKeys, inOrder, toBlocks, type Block } from './journal-blocks';
import { below, del, guarded, put, type Operation } from './level-operations';
import type { Level } from './open-level';
import { journalKey, struckKey } from './poll-keys';
import type { JournalEntry } from './poll-store';
import { stateCorrupt } from './state-error';

/** Struck entries after which their place on disk, and in mapped memory, is given back. */
const COMPACT_AFTER = 20_000;

/** Ends the place of a block with more than one entry, so that none of them overwrites it. */
const MORE = '!';

const struckSchema = z.array(z.string());

/** A block that was read and is not done. */
interface OpenBlock {
  /** Where it is in the journal. */
  place: string;
  /** How many entries are not struck off. */
  left: number;
  /** The keys of those that are, as the store holds them too. */
  struck: string[];
}

/** What is known of one resource's journal. */
interface Known {
  /** The last key of the latest block. */
  end: string | undefined;
  /** The blocks with each entry that was read and is not struck off: one, unless it was added twice. */
  blocks: Map<string, OpenBlock[]>;
  /** By the place of a block: what was struck off in an earlier run. */
  struck: Map<string, string[]>;
  /** Reads under way, and the blocks that went meanwhile, which their answers may still hold. */
  readers: number;
  gone: Set<string>;
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
    const blocks = toBlocks(inOrder(entries), known.end);
    if ((blocks[0]?.length ?? 0) > 1) known.end = blocks.at(-1)?.at(-1)?.key;
    return blocks.map((block) => put(journalKey(resource, placeOf(block)), block));
  }

  /**
   * The first entries behind the key `after`, all those of a block together.
   *
   * @param limit how many are enough
   * @param after the last key of an earlier answer; '' from the beginning
   */
  async read(resource: string, limit: number, after: string): Promise<JournalEntry[]> {
    const known = await this.knownOf(resource);
    known.readers += 1;
    try {
      return await guarded('read', () => this.readFrom(known, resource, limit, after));
    } finally {
      known.readers -= 1;
      if (known.readers === 0) known.gone.clear();
    }
  }

  async strikeOff(resource: string, keys: readonly string[]): Promise<void> {
    const known = await this.knownOf(resource);
    const strikes = [...strikesOf(known, keys)];
    const operations = strikes.flatMap(([block, struck]) => striking(resource, block, struck));
    await guarded('written', () => this.db.batch(operations));
    // Only now: what could not be written may be struck off again.
    for (const [block, struck] of strikes) note(known, block, struck);
    await this.compact(resource, keys);
  }

  /** Drops all of a resource's journal. */
  async clear(resource: string): Promise<void> {
    this.known.delete(resource);
    await this.db.clear(below(journalKey(resource, '')));
    await this.db.clear(below(struckKey(resource, '')));
  }

  private async readFrom(
    known: Known,
    resource: string,
    limit: number,
    after: string,
  ): Promise<JournalEntry[]> {
    const entries: JournalEntry[] = [];
    const places = this.placesBehind(resource, after);
    try {
      let end = '';
      let count = 1;
      for (;;) {
        const next = await places.nextv(count);
        // Single entries may lie within a block, so reading ends only behind the last key so far.
        const isWanted = (place: string): boolean =>
          entries.length < limit || compareKeys(firstKeyOf(resource, place), end) <= 0;
        const wanted = next.filter(isWanted);
        if (wanted.length === 0) break;
        const blocks = await this.blocksAt(resource, wanted);
        entries.push(...blocks.flatMap(([place, block]) => opened(known, place, block)));
        if (wanted.length < next.length) break;
        end = entries.reduce((last, { key }) => (compareKeys(key, last) > 0 ? key : last), end);
        // Where events are single, many are needed; the key of a block is read with all of it.
        count = wanted.at(-1)?.endsWith(MORE) === true ? 1 : Math.max(1, limit - entries.length);
      }
    } finally {
      await places.close();
    }
    return inOrder(entries);
  }

  private async compact(resource: string, keys: readonly string[]): Promise<void> {
    const last = keys.at(-1);
    this.struckCount += keys.length;
    if (this.struckCount < COMPACT_AFTER || last === undefined) return;
    this.struckCount = 0;
    const range = [journalKey(resource, ''), journalKey(resource, last)] as const;
    await guarded('written', () => this.db.compactRange(...range));
  }

  /** Without values: an iterator holds those it brought last until it is collected as garbage. */
  private placesBehind(resource: string, after: string) {
    const prefix = journalKey(resource, '');
    const begin = after === '' ? prefix : `${prefix}${after}${MORE}`;
    return this.db.keys({ gt: begin, lt: below(prefix).lt });
  }

  private async blocksAt(
    resource: string,
    keys: readonly string[],
  ): Promise<(readonly [place: string, Block])[]> {
    const prefix = journalKey(resource, '');
    const texts = await this.db.getMany([...keys]);
    return keys.flatMap((key, index) => {
      const text = texts[index];
      // Struck off since its key was read.
      if (text === undefined) return [];
      return [[key.slice(prefix.length), readBlock(resource, text)] as const];
    });
  }

  private async knownOf(resource: string): Promise<Known> {
    const known = this.known.get(resource) ?? (await this.found(resource));
    this.known.set(resource, known);
    return known;
  }

  private async found(resource: string): Promise<Known> {
    const range = { ...below(journalKey(resource, '')), reverse: true, limit: 1 };
    const prefix = struckKey(resource, '');
    return guarded('read', async () => {
      const [last] = await this.db.values(range).all();
      const struck = await this.db.iterator(below(prefix)).all();
      return {
        end: last === undefined ? undefined : readBlock(resource, last).at(-1)?.key,
        blocks: new Map<string, OpenBlock[]>(),
        struck: new Map(
          struck.map(([key, text]) => [key.slice(prefix.length), readStruck(resource, text)]),
        ),
        readers: 0,
        gone: new Set<string>(),
      };
    });
  }
}

/** @param place of a block in the store, with what is in front of it */
function firstKeyOf(resource: string, place: string): string {
  const key = place.slice(journalKey(resource, '').length);
  return key.endsWith(MORE) ? key.slice(0, -MORE.length) : key;
}

function placeOf(block: Block): string {
  return block.length === 1 ? block[0].key : `${block[0].key}${MORE}`;
}

/** Makes a block known, and gives those of its entries that are not struck off. */
function opened(known: Known, place: string, entries: Block): JournalEntry[] {
  if (known.gone.has(place)) return [];
  const before = entries
    .flatMap(({ key }) => known.blocks.get(key) ?? [])
    .find((block) => block.place === place);
  const struck = before?.struck ?? known.struck.get(place) ?? [];
  const left = entries.filter(({ key }) => !struck.includes(key));
  if (before !== undefined) return left;
  const block = { place, left: left.length, struck };
  for (const { key } of left) known.blocks.set(key, [...(known.blocks.get(key) ?? []), block]);
  return left;
}

/** The keys by their blocks; what is struck off already, or was never read, is left out. */
function strikesOf(known: Known, keys: readonly string[]): Map<OpenBlock, string[]> {
  const strikes = new Map<OpenBlock, string[]>();
  for (const key of new Set(keys)) {
    for (const block of known.blocks.get(key) ?? []) {
      const others = strikes.get(block);
      if (others === undefined) strikes.set(block, [key]);
      else others.push(key);
    }
  }
  return strikes;
}

function striking(resource: string, block: OpenBlock, struck: readonly string[]): Operation[] {
  const mark = struckKey(resource, block.place);
  if (struck.length < block.left) return [put(mark, [...block.struck, ...struck])];
  const gone = del(journalKey(resource, block.place));
  return block.struck.length === 0 ? [gone] : [gone, del(mark)];
}

function note(known: Known, block: OpenBlock, struck: readonly string[]): void {
  for (const key of struck) known.blocks.delete(key);
  block.left -= struck.length;
  block.struck = [...block.struck, ...struck];
  if (block.left > 0) return;
  known.struck.delete(block.place);
  if (known.readers > 0) known.gone.add(block.place);
}

function readBlock(resource: string, text: string): Block {
  const block = blockSchema.safeParse(parsedJson(text));
  if (block.success) return block.data;
  throw stateCorrupt(`of ${resource} holds a damaged event`, undefined, resource);
}

function readStruck(resource: string, text: string): string[] {
  const struck = struckSchema.safeParse(parsedJson(text));
  if (struck.success) return struck.data;
  throw stateCorrupt(`of ${resource} holds a damaged mark`, undefined, resource);
}
