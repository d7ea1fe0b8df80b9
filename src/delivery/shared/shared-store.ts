import { z } from 'zod';
import { SageCrmError } from '../../errors/sagecrm-error';
import { parsedJson } from '../../json/parsed-json';
import type { RedisConnection } from '../../redis/connection';
import { hashed } from '../../store/outbox-layout';
import { newEventSchema, type DisabledTarget, type NewEvent } from '../../store/outbox-store';
import { sharedOutboxKeys, type SharedOutboxKeys } from './keys';
import { BEGIN, ENABLE, HOLD, REPLAY, SETTLE, STATUS, TAKE } from './scripts';

/** An event whose turn has come: the first of its lane. */
export interface Turn {
  id: string;
  /** Stand for lane and target; always short. */
  lane: string;
  target: string;
}

export type Task =
  | { kind: 'go'; event: NewEvent }
  /** The target wants nothing; the event was given up; it was delivered. */
  | { kind: 'hold' | 'letter' | 'over' };

/** What came of ending an event: its letter's number, if it is dead, and whose turn it is now. */
export interface Settled {
  letter: number;
  next: Turn | undefined;
}

export interface SharedCounts {
  depth: number;
  oldestAt?: number;
  dead: number;
  gone: string[];
}

const textSchema = z.string();
const textsSchema = z.array(z.string());
const taskSchema = z.tuple([z.enum(['go', 'hold', 'letter', 'over'])], z.string().nullable());
const settledSchema = z.tuple([z.number(), z.string()]);
const countsSchema = z.tuple([z.number(), z.string(), z.number(), textsSchema]);
const goneSchema = z.object({ target: z.string(), address: z.string() });

/**
 * What a shared outbox keeps beside the jobs of BullMQ: the events that wait, in their lanes, and
 * which targets are silenced. Every step is one script.
 *
 * @throws SageCrmError `REDIS_UNAVAILABLE`, or `STATE_CORRUPT` for what cannot be understood, from
 *   every method
 */
export class SharedStore {
  readonly keys: SharedOutboxKeys;

  constructor(
    readonly redis: Pick<RedisConnection, 'command' | 'run'>,
    prefix: string,
    node: string,
  ) {
    this.keys = sharedOutboxKeys(prefix, node);
  }

  /** @returns the event's turn, when it is the first of its lane */
  async take(event: NewEvent): Promise<Turn | undefined> {
    const turn = turnOf(event);
    const id = await this.redis.run(TAKE, this.takingKeys(turn), takingArgs(event));
    return withId(turn, textSchema.parse(id));
  }

  /** Takes a letter as a new event; one that is gone by then is left out. */
  async replay(letter: string, event: NewEvent): Promise<Turn | undefined> {
    const { letters, trash } = this.keys;
    const turn = turnOf(event);
    const keys = [...this.takingKeys(turn), letters, trash];
    const id = await this.redis.run(REPLAY, keys, [...takingArgs(event), letter]);
    return withId(turn, textSchema.parse(id));
  }

  async begin({ id, lane, target }: Turn): Promise<Task> {
    const { keys } = this;
    const found = [keys.lane(lane), keys.events, keys.letters, keys.gone];
    const [kind, text] = taskSchema.parse(await this.redis.run(BEGIN, found, [id, target]));
    return kind === 'go' ? { kind, event: readEvent(text ?? '') } : { kind };
  }

  /** @returns undefined when another instance has taken the job over */
  async settle(
    { id, lane, target }: Turn,
    event: NewEvent,
    lock: { key: string; token: string },
    end: 'delivered' | 'dead',
  ): Promise<Settled | undefined> {
    const { events, ids, waiting, due, letters, lastLetter } = this.keys;
    const keys = [lock.key, this.keys.lane(lane), events, ids, waiting, due, letters, lastLetter];
    const args = [id, lock.token, identityOf(event), end];
    const settled = settledSchema.safeParse(await this.redis.run(SETTLE, keys, args));
    if (!settled.success) return undefined;
    const [letter, next] = settled.data;
    return { letter, next: withId({ lane, target }, next) };
  }

  /** The events whose turn has come and whose job may be missing. */
  async due(): Promise<string[]> {
    return textsSchema.parse(await this.redis.command('smembers', [this.keys.due]));
  }

  /** Whose turn it is; undefined when the event is over. */
  async turn(id: string): Promise<Turn | undefined> {
    const text = await this.redis.command('hget', [this.keys.events, id]);
    return typeof text === 'string' ? { ...turnOf(readEvent(text)), id } : undefined;
  }

  /** Their jobs are there. */
  async added(ids: readonly string[]): Promise<void> {
    await this.redis.command('srem', [this.keys.due, ...ids]);
  }

  /** @returns false when the target has been enabled meanwhile */
  async hold({ id, target }: Turn): Promise<boolean> {
    const { gone, held } = this.keys;
    return (await this.redis.run(HOLD, [gone, held(target)], [target, id])) === 1;
  }

  async disabled(): Promise<DisabledTarget[]> {
    const texts = await this.redis.command('hvals', [this.keys.gone]);
    return textsSchema.parse(texts).map(readGone);
  }

  /** @returns whether that is news */
  async disable(disabled: DisabledTarget): Promise<boolean> {
    const value = JSON.stringify(disabled);
    const args = [this.keys.gone, hashed(disabled.target), value];
    return (await this.redis.command('hsetnx', args)) === 1;
  }

  /** @returns the jobs that waited for it */
  async enable(target: string): Promise<string[]> {
    const { gone, held } = this.keys;
    const key = hashed(target);
    return textsSchema.parse(await this.redis.run(ENABLE, [gone, held(key)], [key]));
  }

  async counts(): Promise<SharedCounts> {
    const { events, waiting, letters, gone } = this.keys;
    const found = await this.redis.run(STATUS, [events, waiting, letters, gone], []);
    const [depth, oldest, dead, targets] = countsSchema.parse(found);
    return {
      depth,
      ...(oldest === '' ? {} : { oldestAt: Number(oldest) }),
      dead,
      gone: targets.map((text) => readGone(text).target),
    };
  }

  private takingKeys({ lane }: Pick<Turn, 'lane'>): string[] {
    const { events, ids, waiting, due, lastSeq } = this.keys;
    return [events, ids, waiting, due, lastSeq, this.keys.lane(lane)];
  }
}

function turnOf({ lane, target }: NewEvent): Omit<Turn, 'id'> {
  return { lane: hashed(lane), target: hashed(target) };
}

function withId(turn: Omit<Turn, 'id'>, id: string): Turn | undefined {
  return id === '' ? undefined : { ...turn, id };
}

function takingArgs(event: NewEvent): [string, string, number] {
  return [identityOf(event), JSON.stringify(event), event.takenAt];
}

function identityOf({ message, target }: NewEvent): string {
  return hashed(JSON.stringify([message.event.eventId, target]));
}

function readEvent(text: string): NewEvent {
  const event = newEventSchema.safeParse(parsedJson(text));
  if (event.success) return event.data;
  throw sharedCorrupt('holds a damaged event');
}

function readGone(text: string): DisabledTarget {
  const gone = goneSchema.safeParse(parsedJson(text));
  if (gone.success) return gone.data;
  throw sharedCorrupt('holds a damaged target');
}

/** State on Redis that is there but cannot be understood. */
export function sharedCorrupt(what: string): SageCrmError {
  return new SageCrmError(
    'STATE_CORRUPT',
    `the state on Redis ${what}`,
    'the webhooks of its record wait, so that none is lost in silence; restore Redis from a backup, or update this package if a newer version has written the state',
  );
}
