import { z } from 'zod';
import type { JournalEntry } from './poll-store';

/** Events in a block; with a slice read ahead, also half of what a crash may repeat. */
const BLOCK_SIZE = 100;

/** Ends the place of a block with more than one entry, so that none of them overwrites it. */
const MORE = '!';

const SURROGATE = /[\ud800-\udfff]/;

/** What the journal keeps under one key: events in the order of their keys, the first one's is its own. */
export const blockSchema = z.custom<readonly [JournalEntry, ...JournalEntry[]]>(
  (value) => Array.isArray(value) && value.length > 0 && value.every(isEntry),
);

export type Block = z.output<typeof blockSchema>;

function isEntry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!('key' in value && 'message' in value) || typeof value.key !== 'string') return false;
  const { message } = value;
  return typeof message === 'object' && message !== null && 'event' in message;
}

/** The order of LevelDB: by UTF-8 bytes, which only beside surrogates is not that of JavaScript. */
export function compareKeys(one: string, other: string): number {
  if (one === other) return 0;
  if (SURROGATE.test(one) || SURROGATE.test(other)) {
    return Buffer.compare(Buffer.from(one), Buffer.from(other));
  }
  return one < other ? -1 : 1;
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
  const blocks: Block[] = [];
  for (let begin = 0; begin < entries.length; begin += BLOCK_SIZE) {
    const [head, ...rest] = entries.slice(begin, begin + BLOCK_SIZE);
    if (head !== undefined) blocks.push([head, ...rest]);
  }
  return blocks;
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
