import { z } from 'zod';
import { SageCrmError, type ErrorCode } from '../../errors/sagecrm-error';
import { parsedJson } from '../../json/parsed-json';
import type { OutboxEntry } from '../../store/outbox-store';
import type { SharedStore } from './shared-store';
import { BEGIN, COUNT_FAULT, SETTLE, TAKE_APART } from './task-scripts';
import {
  identityOf,
  placeOf,
  readComing,
  readEvent,
  sharedCorrupt,
  type Coming,
  type Place,
  type Turn,
} from './turn';

/** The key of a job's lock, and what it holds while the job belongs to this instance. */
export interface Lock {
  key: string;
  token: string;
}

/** That an event was given up with the webhook it shared. */
export const verdictSchema = z.object({
  code: z.string().transform((code) => code as ErrorCode),
  what: z.string(),
  nextStep: z.string(),
  statusCode: z.number().optional(),
  attempts: z.number(),
  /** The id of the webhook. */
  id: z.string(),
});

export type SharedVerdict = z.output<typeof verdictSchema>;

const apartSchema = z.object({
  /** Tries of the job that were those of the webhook. */
  triesBefore: z.number(),
  verdict: verdictSchema.optional(),
});

const batchSchema = z.object({ at: z.coerce.number(), faults: z.number() });

/** The events of a job, all in one webhook. */
export interface Load {
  entries: readonly OutboxEntry[];
  /** When they were put together; undefined for an event that goes by itself. */
  sealedAt: number | undefined;
  /** How many tries a fault of the receiver's program answered. */
  faults: number;
  /** Tries of the job that do not count. */
  triesBefore: number;
  /** They are given up, with no further try. */
  verdict: SharedVerdict | undefined;
}

export type Task =
  | { kind: 'go'; load: Load; coming: Coming }
  /** The target wants nothing; it is away; the event was given up; there is nothing left to do. */
  | { kind: 'hold' | 'wait' | 'letter' | 'over' };

/** In what state a job comes to its next try. */
export interface Beginning {
  lock: Lock;
  isFirstTry: boolean;
  /** The breaker lets a request go. */
  isAdmitted: boolean;
  /** Wall-clock time, ms since the Unix epoch. */
  now: number;
}

/** What came of ending events: the letter's number, if it is a dead one, and whose turn it is now. */
export interface Settled {
  letter: number;
  coming: Coming;
}

const taskSchema = z.union([
  z.tuple([z.enum(['hold', 'wait', 'letter', 'over', 'moved'])]),
  z.tuple([
    z.literal('go'),
    z.array(z.string().nullable()),
    z.array(z.string()),
    z.string(),
    z.string(),
    z.unknown(),
  ]),
]);
const settledSchema = z.tuple([z.number(), z.unknown()]);

/**
 * What the jobs of BullMQ have to do, and what becomes of their events. Every step is one script.
 *
 * @throws SageCrmError `REDIS_UNAVAILABLE`, or `STATE_CORRUPT` for what cannot be understood, from
 *   every method
 */
export class SharedTasks {
  /** @param size how many events share a webhook */
  constructor(
    private readonly store: SharedStore,
    private readonly size: number,
  ) {}

  async begin(turn: Turn, { lock, isFirstTry, isAdmitted, now }: Beginning): Promise<Task> {
    const { redis, keys } = this.store;
    const { id, lane, target, group } = turn;
    const found = [
      ...[keys.lane(lane), keys.events, keys.letters, keys.gone, keys.batches],
      ...[keys.apart, keys.due, keys.leaders, keys.pool(group), lock.key, keys.move],
    ];
    const args = [
      ...[id, lane, target, group, this.size, isFirstTry ? 1 : 0, now, keys.lanes],
      ...[lock.token, isAdmitted ? 1 : 0],
    ];
    const answer = taskSchema.parse(await redis.run(BEGIN, found, args));
    if (answer[0] === 'moved') throw await this.store.notHere();
    if (answer[0] !== 'go') return { kind: answer[0] };
    const [kind, texts, ids, batch, apart, coming] = answer;
    const entries = ids.map((some, index) => ({
      ...readEvent(texts[index] ?? null),
      seq: seqOf(some),
    }));
    const { at: sealedAt, faults } = readAs(batchSchema, batch, {
      at: undefined,
      faults: 0,
    });
    const { triesBefore, verdict } = readAs(apartSchema, apart, {
      triesBefore: 0,
      verdict: undefined,
    });
    const load = { entries, sealedAt, faults, triesBefore, verdict };
    return { kind, load, coming: readComing(coming, turn) };
  }

  /** @returns undefined when another instance has taken the job over */
  async settle(
    turn: Turn,
    entries: readonly OutboxEntry[],
    lock: Lock,
    end: 'delivered' | 'dead',
  ): Promise<Settled | undefined> {
    const { redis, keys } = this.store;
    const { id } = turn;
    const place = placeOfAll(entries);
    const { events, ids, waiting, due, letters, lastLetter, batches, apart, leaders } = keys;
    const answer = await redis.run(
      SETTLE,
      [
        ...[lock.key, events, ids, waiting, due, letters, lastLetter, batches, apart, leaders],
        ...[keys.pool(place.group), ...this.lanesOf(entries)],
      ],
      [
        ...[id, lock.token, end, place.group, this.size, place.instanceId],
        ...entries.flatMap((entry) => [idOf(entry), identityOf(entry), placeOf(entry).lane]),
      ],
    );
    const settled = settledSchema.safeParse(answer);
    if (!settled.success) return undefined;
    const [letter, coming] = settled.data;
    return { letter, coming: readComing(coming, place) };
  }

  /**
   * Lets each event of a webhook go by itself from now on.
   *
   * @param tries of the job so far
   * @param verdict why all of them are given up, if they are
   * @returns undefined when another instance has taken the job over
   */
  async takeApart(
    turn: Turn,
    entries: readonly OutboxEntry[],
    lock: Lock,
    tries: number,
    verdict: SharedVerdict | undefined,
  ): Promise<Coming | undefined> {
    const { redis, keys } = this.store;
    const { events, batches, apart, due } = keys;
    const note = (triesBefore: number): string => JSON.stringify({ triesBefore, verdict });
    const answer = await redis.run(
      TAKE_APART,
      [lock.key, events, batches, apart, due, ...this.lanesOf(entries)],
      [
        ...[turn.id, lock.token, note(tries), note(0)],
        ...entries.flatMap((entry) => [idOf(entry), placeOf(entry).lane]),
      ],
    );
    return answer === 'LOST' ? undefined : readComing(answer, placeOfAll(entries));
  }

  /** Notes that a fault of the receiver's program answered a webhook of several events. */
  async countFault({ id }: Turn, lock: Lock): Promise<void> {
    const { redis, keys } = this.store;
    await redis.run(COUNT_FAULT, [lock.key, keys.batches], [id, lock.token]);
  }

  private lanesOf(entries: readonly OutboxEntry[]): string[] {
    return entries.map((entry) => this.store.keys.lane(placeOf(entry).lane));
  }
}

/** What all events of a webhook have in common. */
function placeOfAll([first]: readonly OutboxEntry[]): Omit<Place, 'lane'> & { instanceId: string } {
  if (first === undefined) throw new RangeError('a webhook without events');
  return { ...placeOf(first), instanceId: first.instanceId };
}

function idOf({ seq }: OutboxEntry): string {
  return `e${seq}`;
}

function seqOf(id: string): number {
  return Number(id.slice(1));
}

/** @param absent what stands for no text */
function readAs<Shape extends z.ZodType, Absent>(
  schema: Shape,
  text: string,
  absent: Absent,
): z.output<Shape> | Absent {
  if (text === '') return absent;
  const result = schema.safeParse(parsedJson(text));
  if (!result.success) throw sharedCorrupt('holds a damaged webhook');
  return result.data;
}

/** The error that a verdict tells of. */
export function errorOf({ code, what, nextStep, statusCode }: SharedVerdict): SageCrmError {
  const details = statusCode === undefined ? {} : { statusCode };
  return new SageCrmError(code, what, nextStep, { details });
}
