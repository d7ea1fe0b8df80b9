import { z } from 'zod';
import { haveOneContext } from './block-text';
import type { JournalEntry } from './poll-store';

/** Events in a block. */
export const BLOCK_SIZE = 100;

/** Ends the place of a block with more than one entry, so that none of them overwrites it. */
const MORE = '!';

/** What the journal keeps under one key: events in the order of their keys, the first one's is its own. */
export type Block = readonly [JournalEntry, ...JournalEntry[]];

/** The keys of the events of a block that are done, while others are not. */
export const struckSchema = z.array(z.string());

/** The order of LevelDB: by UTF-8 bytes, which only beside surrogates is not that of JavaScript. */
export function compareKeys(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    const unit = one.charCodeAt(index);
    const otherUnit = other.charCodeAt(index);
    if (unit === otherUnit) continue;
    return isSurrogate(unit) || isSurrogate(otherUnit)
      ? Buffer.compare(Buffer.from(one), Buffer.from(other))
      : unit - otherUnit;
  }
  return one.length - other.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** The entries in the order of their keys, each key once, the last entry of it. */
export function inOrder<Entry extends { key: string }>(entries: readonly Entry[]): Entry[] {
  if (isInOrder(entries)) return [...entries];
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  return [...byKey.values()].sort((one, other) => compareKeys(one.key, other.key));
}

function isInOrder(entries: readonly { key: string }[]): boolean {
  return entries.every(({ key }, index) => {
    const before = entries[index - 1];
    return before === undefined || compareKeys(before.key, key) < 0;
  });
}

/**
 * Groups entries for the journal. Blocks must not overlap, or reading in order would have to hold
 * many of them at once; so entries that do not come after all blocks so far stay alone.
 *
 * @param entries in the order of their keys
 * @param end the last key of the latest block; undefined: there is none
 */
export function toBlocks(entries: readonly JournalEntry[], end: string | undefined): Block[] {
  const [first] = entries;
  if (first === undefined) return [];
  if (end !== undefined && compareKeys(first.key, end) <= 0) return entries.map((entry) => [entry]);
  const blocks: [JournalEntry, ...JournalEntry[]][] = [];
  let block: [JournalEntry, ...JournalEntry[]] | undefined;
  for (const entry of entries) {
    if (block !== undefined && fits(block, entry)) block.push(entry);
    else blocks.push((block = [entry]));
  }
  return blocks;
}

function fits(block: Block, { message }: JournalEntry): boolean {
  return block.length < BLOCK_SIZE && haveOneContext(block[0].message, message);
}

/** Where a block stands in the journal: places sort as the first entries of their blocks. */
export function placeOf([first, ...more]: Block): string {
  return more.length === 0 ? first.key : `${first.key}${MORE}`;
}

export function firstKeyOf(place: string): string {
  return isOfMany(place) ? place.slice(0, -MORE.length) : place;
}

/** True for the place of a block with more than one entry. */
export function isOfMany(place: string): boolean {
  return place.endsWith(MORE);
}
