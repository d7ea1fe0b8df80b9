import { z } from 'zod';
import type { CrmRecord, EventMessage, FieldChanges, RecordEvent } from '../event/event';
import { parsedJson } from '../json/parsed-json';
import type { Block } from './journal-blocks';
import type { JournalEntry } from './poll-store';

/** What all events of one resource and poll have in common: a block has it once. */
export const contextSchema = z.object({
  topic: z.string(),
  objectType: z.string(),
  pollDate: z.string(),
  elementKey: z.literal('sagecrm'),
  hubKey: z.literal('crm'),
  instanceName: z.string(),
  tags: z.array(z.string()),
});

type Context = z.output<typeof contextSchema>;

/** What is an event's own. */
type Row = readonly [
  key: string,
  /** The values of the block's columns, or a record that has others. */
  payload: readonly unknown[] | CrmRecord,
  eventId: string,
  eventType: RecordEvent['eventType'],
  objectId: string,
  date: string,
  changes?: FieldChanges,
];

const blockSchema = z.object({
  context: contextSchema,
  columns: z.array(z.string()),
  // A look at each: zod would take as long for a row as JSON does to read it.
  rows: z.custom<readonly [Row, ...Row[]]>(
    (value) => Array.isArray(value) && value.length > 0 && value.every(isRow),
  ),
});

function isRow(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [key, payload, ...texts] = value as unknown[];
  return (
    typeof key === 'string' &&
    typeof payload === 'object' &&
    payload !== null &&
    texts.slice(0, 4).every((text) => typeof text === 'string')
  );
}

/** True for events that can be in one block. */
export function haveOneContext(one: EventMessage, other: EventMessage): boolean {
  const { event: a } = one;
  const { event: b } = other;
  return (
    one.topic === other.topic &&
    a.objectType === b.objectType &&
    a.pollDate === b.pollDate &&
    a.instanceName === b.instanceName &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, index) => tag === b.tags[index])
  );
}

/**
 * The text of a block whose events have one context. Column names are most of what a record is
 * written with, and those of a page are alike: the block has them once.
 */
export function blockText(block: Block): string {
  const { message } = block[0];
  // Of a single record they are written once anyhow.
  const columns = block.length === 1 ? [] : columnsOf(message.payload);
  return JSON.stringify({
    context: contextOf(message),
    columns,
    rows: block.map((entry) => rowOf(entry, columns)),
  });
}

/** The block of a text; undefined when it is damaged. */
export function readBlockText(text: string): Block | undefined {
  const { data } = blockSchema.safeParse(parsedJson(text));
  if (data === undefined) return undefined;
  const { context, columns, rows } = data;
  // What has all columns already is copied and filled faster than an empty object grows.
  const blank = Object.fromEntries(columns.map((column) => [column, null]));
  const entryOfRow = (row: Row): JournalEntry => entryOf(context, row, payloadOf(row, blank));
  const [first, ...more] = rows;
  return [entryOfRow(first), ...more.map(entryOfRow)];
}

function contextOf({ topic, event }: EventMessage): Context {
  const { objectType, pollDate, elementKey, hubKey, instanceName, tags } = event;
  return { topic, objectType, pollDate, elementKey, hubKey, instanceName, tags };
}

/** Assigning to this name does not make a column of it. */
const NO_COLUMN = '__proto__';

function columnsOf(record: CrmRecord): string[] {
  const columns = Object.keys(record);
  return columns.includes(NO_COLUMN) ? [] : columns;
}

function rowOf({ key, message: { payload, event } }: JournalEntry, columns: string[]): Row {
  const { eventId, eventType, objectId, date, changes } = event;
  const values = valuesOf(payload, columns) ?? payload;
  return changes === undefined
    ? [key, values, eventId, eventType, objectId, date]
    : [key, values, eventId, eventType, objectId, date, changes];
}

/** Undefined for a record with other columns, or in another order. */
function valuesOf(record: CrmRecord, columns: readonly string[]): unknown[] | undefined {
  const names = Object.keys(record);
  if (names.length !== columns.length) return undefined;
  if (names.some((name, index) => name !== columns[index])) return undefined;
  const values = Object.values(record);
  // JSON has none, and would make it null.
  return values.includes(undefined) ? undefined : values;
}

function payloadOf([, payload]: Row, blank: CrmRecord): CrmRecord {
  if (!isValues(payload)) return payload;
  const record: Record<string, unknown> = { ...blank };
  let index = 0;
  for (const column in blank) {
    record[column] = payload[index];
    index += 1;
  }
  return record;
}

function isValues(payload: Row[1]): payload is readonly unknown[] {
  return Array.isArray(payload);
}

function entryOf(context: Context, row: Row, payload: CrmRecord): JournalEntry {
  const [key, , eventId, eventType, objectId, date, changes] = row;
  const event: RecordEvent = {
    eventId,
    eventType,
    objectType: context.objectType,
    objectId,
    date,
    pollDate: context.pollDate,
    elementKey: context.elementKey,
    hubKey: context.hubKey,
    instanceName: context.instanceName,
    // Its own: a flow may change what it gets.
    tags: [...context.tags],
  };
  if (changes !== undefined) event.changes = changes;
  return { key, message: { topic: context.topic, payload, event } };
}
