import { z } from 'zod';
import { parsedJson } from '../json/parsed-json';
import { seenVersionSchema, type Change, type SeenVersion } from './poll-store';
import { stateCorrupt } from './state-error';

/** A server shows a record's current version; more than these never come back. */
const MOST_VERSIONS = 50;

export const seenSchema = z.array(seenVersionSchema);

/** @throws SageCrmError `STATE_CORRUPT` */
export function readSeen(resource: string, text: string): SeenVersion[] {
  const seen = seenSchema.safeParse(parsedJson(text));
  if (seen.success) return seen.data;
  throw stateCorrupt(`of ${resource} cannot be read`, undefined, resource);
}

const seenLogSchema = z.array(z.tuple([z.string(), seenSchema]));

/** @throws SageCrmError `STATE_CORRUPT` */
export function readSeenLog(resource: string, text: string): [id: string, SeenVersion[]][] {
  const log = seenLogSchema.safeParse(parsedJson(text));
  if (log.success) return log.data;
  throw stateCorrupt(`of ${resource} cannot be read`, undefined, resource);
}

/** A list item of the scripts on Redis: an id, its versions, the earliest date until one is needed. */
export function seenItem(id: string, versions: readonly SeenVersion[]): (string | number)[] {
  const dates = versions.flatMap(([, until]) => until ?? []);
  const first = dates.length === 0 ? '' : Math.min(...dates);
  return [id, versions.length === 0 ? '' : JSON.stringify(versions), first];
}

/** True while a window that starts at `seenFrom` or later may still show the version. */
export function mayComeAgain(seenUntil: number | null, seenFrom: number | null): boolean {
  return seenUntil === null || seenFrom === null || seenUntil >= seenFrom;
}

/** A record without a date is kept in its latest version only: nothing else ever prunes it. */
export function withVersion(
  versions: readonly SeenVersion[],
  { hash, seenUntil }: { hash: string; seenUntil: number | null },
  seenFrom: number | null,
): SeenVersion[] {
  const kept = versions.filter(
    ([other, until]) =>
      other !== hash && (seenUntil !== null || until !== null) && mayComeAgain(until, seenFrom),
  );
  return [...kept.slice(1 - MOST_VERSIONS), [hash, seenUntil]];
}

/** What is seen of each id after a write. Versions of one record build on one another. */
export function seenAfter(
  changes: readonly Change[],
  seenFrom: number | null,
): Map<string, SeenVersion[]> {
  const byId = new Map<string, SeenVersion[]>();
  for (const change of changes) {
    if (!mayComeAgain(change.seenUntil, seenFrom)) continue;
    const before = byId.get(change.objectId) ?? change.before;
    byId.set(change.objectId, withVersion(before, change, seenFrom));
  }
  return byId;
}
