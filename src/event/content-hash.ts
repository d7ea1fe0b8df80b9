import { hash } from 'node:crypto';
import type { CrmRecord } from './event';

/**
 * A fingerprint of what a record says: the same for the same content, whatever the order of its
 * columns. Columns that start with `$` describe the answer rather than the record (SData's `$url`,
 * `$etag`, `$updated`), so they do not count.
 */
export function contentHash(record: CrmRecord): string {
  return digest(canonicalText(record, true));
}

/**
 * The id of a change: from what changed and to what, and nothing else, so that a retry, a restart
 * or a replay gives the same id again.
 */
export function eventIdOf(change: {
  objectType: string;
  objectId: string;
  /** The updated date as the record holds it. */
  updated: unknown;
  hash: string;
}): string {
  const { objectType, objectId, updated } = change;
  return digest(JSON.stringify([objectType, objectId, updated ?? null, change.hash]));
}

/** 144 bits are plenty to tell changes apart, and stay readable in a log. */
function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 24);
}

/** Written once for each record of a backlog: one text grows, and no list is made for it. */
function canonicalText(value: unknown, isRecord = false): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of Object.keys(fields).sort()) {
    const item = fields[key];
    if (item === undefined || (isRecord && key.startsWith('$'))) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalText(item)}`;
  }
  return `{${text}}`;
}
