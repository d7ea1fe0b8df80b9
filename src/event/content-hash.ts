import { hash } from 'node:crypto';
import type { CrmRecord } from './event';

/** Gives the fingerprint of a record. */
export type ContentHash = (record: CrmRecord) => string;

/** How records with the same columns in the same order are written. */
interface Shape {
  /** The columns as the record has them. */
  columns: readonly string[];
  /** Those that count, in the order of the fingerprint, each with the text in front of its value. */
  counted: readonly (readonly [column: string, lead: string])[];
}

/**
 * A fingerprint of what a record says: the same for the same content, whatever the order of its
 * columns. Columns that start with `$` describe the answer rather than the record (SData's `$url`,
 * `$etag`, `$updated`), so they do not count.
 *
 * What is made remembers the columns of the last record, since those of a page are alike.
 */
export function createContentHash(): ContentHash {
  let shape: Shape = { columns: [], counted: [] };
  return (record) => {
    const columns = Object.keys(record);
    if (!isSame(columns, shape.columns)) shape = { columns, counted: countedOf(columns) };
    return digest(textOf(record, shape));
  };
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

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((column, index) => column === other[index]);
}

function countedOf(columns: readonly string[]): Shape['counted'] {
  return columns
    .filter((column) => !column.startsWith('$'))
    .sort()
    .map((column) => [column, `${JSON.stringify(column)}:`]);
}

/** The same text as `canonicalText` gives, without `$` columns. */
function textOf(record: CrmRecord, { counted }: Shape): string {
  let text = '';
  for (const [column, lead] of counted) {
    const value = record[column];
    if (value === undefined) continue;
    text += text === '' ? lead : `,${lead}`;
    text += typeof value === 'object' ? canonicalText(value) : JSON.stringify(value);
  }
  return `{${text}}`;
}

function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = value as Readonly<Record<string, unknown>>;
  const parts = Object.keys(fields)
    .sort()
    .filter((key) => fields[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonicalText(fields[key])}`);
  return `{${parts.join(',')}}`;
}
