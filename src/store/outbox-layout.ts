import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';
import { parsedJson } from '../json/parsed-json';
import { guarded } from './level-operations';
import { readMove, type Move } from './migration/movable';
import type { Layout, Level } from './open-level';
import {
  disabledTargetSchema,
  newEventSchema,
  OUTBOX_SCHEMA,
  type DisabledTarget,
  type NewEvent,
} from './outbox-store';

/** The databases of callback nodes. */
export const OUTBOX_LAYOUT: Layout = {
  kind: 'outbox',
  schema: OUTBOX_SCHEMA,
  writeBufferBytes: 1024 * 1024,
  migrations: {},
  corrupt: outboxCorrupt,
};

/** An outbox that is there but cannot be understood: never a reason to drop events in silence. */
export function outboxCorrupt(what: string, cause?: unknown): SageCrmError {
  return new SageCrmError(
    'STATE_CORRUPT',
    `the stored state ${what}`,
    "delivery has stopped so that no webhook is lost in silence; restore this node's folder below sagecrm in Node-RED's user directory from a backup, or move it away, deploy, and replay the events from their poll node",
    { cause },
  );
}

const DIGITS = 16;
/** 132 bits: no two lanes or targets ever share a key. */
const HASH_LENGTH = 22;

/** A number that sorts as text. */
export function ordinal(value: number): string {
  return String(value).padStart(DIGITS, '0');
}

/** Text of any length and any characters as part of a key. */
export function hashed(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, HASH_LENGTH);
}

/** The keys of the database; `prefix` functions are for ranges. */
export const KEYS = {
  event: (seq: number) => `event!${ordinal(seq)}`,
  events: 'event!',
  /** Takes the lane's hash, as marks carry it. */
  lane: (lane: string, seq: number) => `lane!${lane}!${ordinal(seq)}`,
  lanes: 'lane!',
  queue: (target: string, seq: number) => `queue!${hashed(target)}!${ordinal(seq)}`,
  queueOf: (target: string) => `queue!${hashed(target)}!`,
  queues: 'queue!',
  id: (eventId: string, target: string) => `id!${JSON.stringify([eventId, target])}`,
  ids: 'id!',
  tried: (seq: number) => `try!${ordinal(seq)}`,
  tries: 'try!',
  sealed: (target: string, first: number) => `batch!${hashed(target)}!${ordinal(first)}`,
  sealedOf: (target: string) => `batch!${hashed(target)}!`,
  batches: 'batch!',
  letter: (letter: number) => `dead!${ordinal(letter)}`,
  letters: 'dead!',
  gone: (target: string) => `gone!${hashed(target)}`,
  allGone: 'gone!',
  /** How the outbox stands in a move to another store, or from it. */
  move: 'move',
} as const;

/** The number at the end of a key. */
export function ordinalOf(key: string): number {
  return Number(key.slice(-DIGITS));
}

/** @throws SageCrmError `STATE_CORRUPT` or `STATE_IO` */
export async function readOutboxMove(db: Level): Promise<Move | undefined> {
  const text = await guarded('read', () => db.get(KEYS.move));
  return readMove(text, () => outboxCorrupt('has a damaged mark of a move'));
}

/** @throws SageCrmError `STATE_CORRUPT` */
export function readGone(text: string): DisabledTarget {
  return readAs(disabledTargetSchema, text, 'has a damaged target');
}

/** @throws SageCrmError `STATE_CORRUPT` */
export function readEvent(text: string): NewEvent {
  return readAs(newEventSchema, text, 'holds a damaged event');
}

/**
 * @param what said of the outbox when the text has another shape
 * @throws SageCrmError `STATE_CORRUPT`
 */
export function readAs<Shape>(schema: z.ZodType<Shape>, text: string, what: string): Shape {
  const result = schema.safeParse(parsedJson(text));
  if (!result.success) throw outboxCorrupt(what);
  return result.data;
}
