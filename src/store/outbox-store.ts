import { z } from 'zod';
import type { EventMessage } from '../event/event';

/** The version of what is stored; a change of any shape below raises it and adds a migration. */
export const OUTBOX_SCHEMA = 1;

const messageSchema = z.custom<EventMessage>(isMessage);

/** What the outbox reads of a message; the rest is the envelope's business. */
function isMessage(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!('payload' in value) || typeof value.payload !== 'object') return false;
  if (!('event' in value) || typeof value.event !== 'object' || value.event === null) return false;
  const event: Partial<Record<string, unknown>> = { ...value.event };
  return ['eventId', 'objectType', 'objectId'].every((key) => typeof event[key] === 'string');
}

/** An event as it is handed to the outbox. */
export const newEventSchema = z.object({
  message: messageSchema,
  /** The URL it goes to; '' is the callback node's own. */
  target: z.string(),
  /** The poll node it comes from. */
  instanceId: z.string(),
  /** Events of one lane are delivered in the order they were taken. */
  lane: z.string(),
  /** Wall-clock time, ms since the Unix epoch. */
  takenAt: z.number(),
});

export type NewEvent = z.output<typeof newEventSchema>;

/** An event that waits for its delivery. */
export interface OutboxEntry extends NewEvent {
  /** Its place in the order of taking. */
  seq: number;
}

/** What became of the tries so far of one webhook. */
export const triedSchema = z.object({
  attempts: z.number(),
  /** How many of them a fault of the receiver's program answered, such as 500. */
  faults: z.number(),
  /** When the next try is due, by the wall clock. */
  dueAt: z.number(),
  /** How long that was when it was written: a wall clock set back cannot make it longer. */
  waitMs: z.number(),
  /** The event must not share a webhook with others. */
  single: z.boolean(),
  error: z
    .object({ code: z.string(), what: z.string(), statusCode: z.number().optional() })
    .optional(),
});

export type Tried = z.output<typeof triedSchema>;

/** A waiting event without its message: enough to find its turn. */
export interface Mark {
  seq: number;
  /** Stands for the event's lane; always short. */
  lane: string;
  /** Only events of one group can share a webhook. */
  group: string;
  tried?: Tried;
}

/** The composition of a webhook, fixed before its first try so that its id and body stay the same. */
export interface Sealed {
  marks: Mark[];
  sealedAt: number;
  tried?: Tried;
}

/** A target that answered that it wants nothing any more. */
export const disabledTargetSchema = z.object({
  target: z.string(),
  /** Stands for the URL that gave the answer: a node's own may be changed. */
  address: z.string(),
});

export type DisabledTarget = z.output<typeof disabledTargetSchema>;

export interface WaitingTarget {
  target: string;
  /** To ask for the one behind it. */
  key: string;
}

/** Why an event was given up. */
export const reasonSchema = z.object({
  code: z.string(),
  message: z.string(),
  statusCode: z.number().optional(),
});

export type Reason = z.output<typeof reasonSchema>;

export const deadLetterSchema = z.object({
  event: newEventSchema,
  reason: reasonSchema,
  attempts: z.number(),
  /** Wall-clock time, ms since the Unix epoch. */
  buriedAt: z.number(),
});

/** An event that was given up. */
export interface DeadLetter extends z.output<typeof deadLetterSchema> {
  /** Its number, in the order of giving up. */
  letter: number;
}

export interface LetterPage {
  order: 'oldest' | 'newest';
  limit: number;
  /** The last letter of the page before. */
  after?: number;
}

export interface Burial {
  entry: OutboxEntry;
  reason: Reason;
  attempts: number;
}

/**
 * The durable memory of one callback node. Every write is atomic. `take`, `replay`, `drop`, `disable`
 * and `enable` are on disk when they resolve; the others are with the operating system, so that a
 * killed process keeps them and a power cut may undo the latest.
 *
 * @throws SageCrmError `STATE_CORRUPT` for state that cannot be understood, `STATE_IO` when the disk
 *   fails, from every method
 */
export interface OutboxStore {
  /** How many events wait. */
  readonly depth: number;
  readonly letters: DeadLetters;
  /** An event that waits already, for the same target, is not taken twice. */
  take(event: NewEvent): Promise<void>;
  /** When the oldest waiting event was taken. */
  oldestAt(): Promise<number | undefined>;
  /** The first target with waiting events behind `key`. */
  nextTarget(key: string): Promise<WaitingTarget | undefined>;
  /** Waiting events of a target behind `after`, in the order of taking. */
  scan(target: string, after: number, limit: number): Promise<Mark[]>;
  /** The first waiting events of a mark's lane, up to and including number `last`. */
  lane(lane: string, last: number, limit: number): Promise<Mark[]>;
  /** The sealed webhooks of a target. */
  sealed(target: string): Promise<Sealed[]>;
  read(seqs: readonly number[]): Promise<OutboxEntry[]>;
  seal(target: string, seqs: readonly number[], sealedAt: number): Promise<void>;
  /** Undoes `seal`: each event goes by itself from now on. */
  unseal(target: string, seqs: readonly number[]): Promise<void>;
  /** Notes a failed try under the webhook's first event. */
  retryLater(seq: number, tried: Tried): Promise<void>;
  /** Forgets delivered events, the first of them being the webhook's first. */
  remove(entries: readonly OutboxEntry[]): Promise<void>;
  /** Moves events to the dead letters; returns the letters' numbers. */
  bury(burials: readonly Burial[], at: number): Promise<number[]>;
  /** The targets that want nothing any more. */
  disabled(): Promise<DisabledTarget[]>;
  disable(disabled: DisabledTarget, at: number): Promise<void>;
  enable(target: string): Promise<void>;
  close(): Promise<void>;
}

/** The events that were given up. */
export interface DeadLetters {
  readonly count: number;
  list(page: LetterPage): Promise<DeadLetter[]>;
  /** Those of the letters that are there. */
  read(letters: readonly number[]): Promise<DeadLetter[]>;
  /** Takes letters as new events; one that is gone by then is left out. */
  replay(letters: readonly DeadLetter[], takenAt: number): Promise<void>;
  drop(letters: readonly number[]): Promise<void>;
}
