import { z } from 'zod';

/** What the server's process is started with. */
export const serverOptionsSchema = z.object({
  records: z.number(),
  order: z.enum(['ascending', 'shuffled']),
});

export type ServerOptions = z.output<typeof serverOptionsSchema>;

export const listeningSchema = z.object({ port: z.number() });

/** What the poller's process is started with. */
export const pollerOptionsSchema = z.object({
  port: z.number(),
  /** Where the state lives. */
  folder: z.string(),
  /** Where the receiver writes what reached it. */
  ledger: z.string(),
  commit: z.enum(['emitted', 'acknowledged']),
  maxInFlight: z.number(),
  /** How long the flow takes over a message, in milliseconds, where it acknowledges. */
  acknowledgeAfterMs: z.number(),
  /** Before memory is looked at: what is left of finished work is put away meanwhile. */
  restMs: z.number(),
  pageSize: z.number(),
});

export type PollerOptions = z.output<typeof pollerOptionsSchema>;

const memorySchema = z.object({
  /** All in bytes. */
  rss: z.number(),
  /** The part of `rss` that is pages of mapped files, code included. */
  mapped: z.number(),
  heapTotal: z.number(),
  heapUsed: z.number(),
  external: z.number(),
  arrayBuffers: z.number(),
});

export type Memory = z.output<typeof memorySchema>;

export const reportSchema = z.object({
  kind: z.literal('report'),
  idle: memorySchema,
  /** At the moment of the greatest RSS seen. */
  peak: memorySchema,
  /** After the poll, when the process was at rest again. */
  after: memorySchema,
  /** Milliseconds to the end of reading and from there to the last message. */
  readingMs: z.number(),
  emittingMs: z.number(),
  /** How much later than planned timers fired, in milliseconds. */
  pauseP99Ms: z.number(),
  pauseMaxMs: z.number(),
  records: z.number(),
  emitted: z.number(),
  journaled: z.number(),
  largestWrite: z.number(),
  largestRead: z.number(),
  mostUnacknowledged: z.number(),
  /** Messages that one more poll emitted. */
  emittedAgain: z.number(),
});

export type Report = z.output<typeof reportSchema>;

const progressSchema = z.object({
  kind: z.literal('progress'),
  phase: z.enum(['reading', 'emitting']),
  /** Records received, or messages emitted. */
  count: z.number(),
  /** Events written to the journal by this run. */
  journaled: z.number(),
});

export type Progress = z.output<typeof progressSchema>;

export const fromPollerSchema = z.discriminatedUnion('kind', [progressSchema, reportSchema]);

export type FromPoller = z.output<typeof fromPollerSchema>;

/** Sends to the process that started this one. */
export function tell(message: FromPoller | z.output<typeof listeningSchema>): void {
  process.send?.(message);
}
