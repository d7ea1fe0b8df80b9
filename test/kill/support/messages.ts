import { z } from 'zod';

/** Where a program ends itself: at the `nth` occurrence of a point, counted from 1. */
export const crashAtSchema = z.object({
  /** Such as `outbox.remove`. */
  point: z.string(),
  /** Before the work begins, while it is under way, or when it has ended. */
  when: z.enum(['before', 'during', 'after']),
  nth: z.int().positive(),
});

export type CrashAt = z.output<typeof crashAtSchema>;

/** What a program is started with, as JSON in its first argument. */
export const lifeOptionsSchema = z.object({
  /** Such as `http://127.0.0.1:8080`. */
  server: z.string(),
  receiver: z.string(),
  /** Holds the state of both nodes, and outlives the program. */
  folder: z.string(),
  commit: z.enum(['emitted', 'acknowledged']),
  /** Messages that the flow may hold unacknowledged. */
  maxInFlight: z.int(),
  pageSize: z.int(),
  /** Events that share a webhook; 1: none do. */
  batchSize: z.int(),
  /** When the time of this life begins, ms since the Unix epoch: after that of the one before. */
  timeBegan: z.number(),
  /** For jitter, and for the moment of a crash in the midst of a write. */
  seed: z.int(),
  /** Take up again what was given up. */
  recover: z.boolean(),
  crashAt: crashAtSchema.optional(),
});

export type LifeOptions = z.output<typeof lifeOptionsSchema>;

/** One version of one record, as an event tells of it. */
const sightingSchema = z.object({
  eventId: z.string(),
  objectType: z.string(),
  objectId: z.string(),
  /** Names the version: every change writes another one. */
  label: z.string(),
});

export type Sighting = z.output<typeof sightingSchema>;

/** What a program tells, one JSON text a line, on the descriptor `TELLING`. */
export const toldSchema = z.discriminatedUnion('kind', [
  /** The state of the poll node is open. */
  z.object({ kind: z.literal('opened') }),
  /** A write of the journal has ended. */
  z.object({ kind: z.literal('journaled'), sightings: z.array(sightingSchema) }),
  /** A message has reached the flow. */
  z.object({ kind: z.literal('emitted'), sighting: sightingSchema }),
  /** A poll of one resource has ended. */
  z.object({
    kind: z.literal('polled'),
    resource: z.string(),
    failed: z.boolean(),
    /** None were read while the flow was full. */
    pages: z.int(),
    found: z.int(),
    unacknowledged: z.int(),
    /** Events that wait in the outbox; null while it is not open. */
    depth: z.int().nullable(),
  }),
  z.object({ kind: z.literal('problem'), code: z.string(), message: z.string() }),
]);

export type Told = z.output<typeof toldSchema>;

export const TELLING = 3;
