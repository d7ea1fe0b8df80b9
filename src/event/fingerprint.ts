import { hash } from 'node:crypto';
import type { CrmRecord } from './event';

/** Gives the fingerprint of a version of the record `id`. */
export type Fingerprint = (record: CrmRecord, id: string) => string;

/** How records with the same columns in the same order are read. */
interface Shape {
  /** The columns as the record has them. */
  columns: readonly string[];
  /** Where among them those are that count, in the order of the fingerprint. */
  order: readonly number[];
  /** The names of those as text. */
  names: string;
}

/**
 * A fingerprint of which record of a resource says what: the same for the same content, whatever the
 * order of its columns. Columns that start with `$` describe the answer rather than the record
 * (SData's `$url`, `$etag`, `$updated`), so they do not count.
 *
 * What is made remembers the columns of the last record, since those of a page are alike.
 *
 * @param objectType the resource key
 */
export function createFingerprint(objectType: string): Fingerprint {
  let shape = shapeOf([]);
  return (record, id) => {
    const columns = Object.keys(record);
    if (!isSame(columns, shape.columns)) shape = shapeOf(columns);
    return digest(`${JSON.stringify([objectType, id])}${contentText(record, shape)}`);
  };
}

/**
 * The id of a change: from what changed and to what, and nothing else, so that a retry, a restart
 * or a replay gives the same id again. That is what a fingerprint tells, but for a date in a column
 * that does not count: with it, a record that becomes what it was before has changed all the same.
 */
export function eventIdOf(change: {
  fingerprint: string;
  /** Where the record holds its updated date. */
  updatedField: string;
  /** That date as the record holds it. */
  updated: unknown;
}): string {
  const { fingerprint, updatedField, updated } = change;
  if (counts(updatedField)) return fingerprint;
  return digest(JSON.stringify([fingerprint, updated ?? null]));
}

/** The id of a deletion; `date` is that of its event. */
export function deletionIdOf(objectType: string, objectId: string, date: string): string {
  return digest(JSON.stringify([objectType, objectId, date, 'deleted']));
}

/** 144 bits are plenty to tell changes apart, and stay readable in a log. */
function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 24);
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((column, index) => column === other[index]);
}

function counts(column: string): boolean {
  return !column.startsWith('$');
}

function shapeOf(columns: readonly string[]): Shape {
  const counted = columns.filter(counts).sort();
  const order = counted.map((column) => columns.indexOf(column));
  return { columns, order, names: JSON.stringify(counted) };
}

/** Names and values apart: one call writes all values, which is most of the work. */
function contentText(record: CrmRecord, { order, names }: Shape): string {
  const values = Object.values(record);
  const counted: unknown[] = [];
  for (const index of order) {
    const value = values[index];
    if (value === undefined) return definedText(record);
    counted.push(typeof value === 'object' ? canonical(value) : value);
  }
  return names + JSON.stringify(counted);
}

/** JSON has no undefined, so a column that is counts for one that is not there. */
function definedText(record: CrmRecord): string {
  const defined = Object.entries(record).filter(([, value]) => value !== undefined);
  return contentText(Object.fromEntries(defined), shapeOf(defined.map(([column]) => column)));
}

/** The same value with the fields of all objects in one order. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, canonical(field)] as const);
  return Object.fromEntries(fields.sort(([one], [other]) => (one < other ? -1 : 1)));
}
