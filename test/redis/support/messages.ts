import { z } from 'zod';

/** What a program is started with, as JSON in its first argument. */
export const workerOptionsSchema = z.object({
  /** Such as `http://127.0.0.1:8080`. */
  server: z.string(),
  redis: z.string(),
  /** Its name among those that share the state. */
  owner: z.string(),
  commit: z.enum(['emitted', 'acknowledged']),
  intervalMs: z.number(),
  leaseMs: z.number(),
  pageSize: z.int(),
});

export type WorkerOptions = z.output<typeof workerOptionsSchema>;

const sightingSchema = z.object({
  eventId: z.string(),
  objectType: z.string(),
  objectId: z.string(),
  label: z.string(),
});

/** What a program tells, one JSON text a line, on its descriptor 3. */
export const workerToldSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('journaled'), sightings: z.array(sightingSchema) }),
  z.object({ kind: z.literal('emitted'), sighting: sightingSchema }),
  z.object({ kind: z.literal('polled'), resource: z.string(), failed: z.boolean() }),
  z.object({ kind: z.literal('problem'), code: z.string(), message: z.string() }),
]);

export type WorkerTold = z.output<typeof workerToldSchema>;

export const TELLING = 3;
