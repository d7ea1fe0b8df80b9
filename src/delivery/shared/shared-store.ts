import { z } from 'zod';
import type { SageCrmError } from '../../errors/sagecrm-error';
import { parsedJson } from '../../json/parsed-json';
import type { RedisConnection } from '../../redis/connection';
import { readMove, type Move } from '../../store/migration/movable';
import { outboxInMove } from '../../store/migration/move-error';
import { hashed } from '../../store/outbox-layout';
import { disabledTargetSchema, type DisabledTarget, type NewEvent } from '../../store/outbox-store';
import { sharedOutboxKeys, type SharedOutboxKeys } from './keys';
import { ENABLE, HOLD, REPLAY, STATUS, TAKE } from './scripts';
import {
  identityOf,
  placeOf,
  readComing,
  readEvent,
  sharedCorrupt,
  type Coming,
  type DueTurn,
  type Place,
  type Turn,
} from './turn';

export interface SharedCounts {
  depth: number;
  oldestAt?: number;
  dead: number;
  gone: string[];
}

const textsSchema = z.array(z.string());
const countsSchema = z.tuple([z.number(), z.string(), z.number(), textsSchema]);

/**
 * What a shared outbox keeps beside the jobs of BullMQ: the events that wait, in their lanes, and
 * which targets are silenced. Every step is one script.
 *
 * @throws SageCrmError `REDIS_UNAVAILABLE`, or `STATE_CORRUPT` for what cannot be understood, from
 *   every method
 */
export class SharedStore {
  readonly keys: SharedOutboxKeys;

  /** @param size how many events share a webhook; only for those that are taken */
  constructor(
    readonly redis: Pick<RedisConnection, 'command' | 'run'>,
    prefix: string,
    node: string,
    private readonly size = 1,
  ) {
    this.keys = sharedOutboxKeys(prefix, node);
  }

  async take(event: NewEvent): Promise<Coming> {
    const place = placeOf(event);
    const args = this.takingArgs(event, place);
    return this.coming(await this.redis.run(TAKE, this.takingKeys(place), args), place);
  }

  /** Takes a letter as a new event; one that is gone by then is left out. */
  async replay(letter: string, event: NewEvent): Promise<Coming> {
    const { letters, trash } = this.keys;
    const place = placeOf(event);
    const keys = [...this.takingKeys(place), letters, trash];
    const args = [...this.takingArgs(event, place), letter];
    return this.coming(await this.redis.run(REPLAY, keys, args), place);
  }

  /** The events whose turn has come and whose job may be missing. */
  async due(): Promise<string[]> {
    return textsSchema.parse(await this.redis.command('smembers', [this.keys.due]));
  }

  /** Whose turn it is; undefined when the event is over. */
  async turn(id: string): Promise<DueTurn | undefined> {
    const text = await this.redis.command('hget', [this.keys.events, id]);
    return typeof text === 'string' ? { ...placeOf(readEvent(text)), id, waits: false } : undefined;
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

  async move(): Promise<Move | undefined> {
    const text = await this.redis.command('get', [this.keys.move]);
    const damaged = (): Error => sharedCorrupt('has a damaged mark of a move');
    return readMove(typeof text === 'string' ? text : undefined, damaged);
  }

  /** Whether an event was ever taken here. */
  async isUsed(): Promise<boolean> {
    return (await this.redis.command('exists', [this.keys.lastSeq])) === 1;
  }

  /** Why the outbox is not to be worked on. The move may have come to its end since. */
  async notHere(): Promise<SageCrmError> {
    const move = await this.move();
    return outboxInMove(move ?? { role: 'arriving', id: '' }, 'redis');
  }

  private async coming(answer: unknown, place: Place): Promise<Coming> {
    if (answer === 'MOVED') throw await this.notHere();
    return readComing(answer, place);
  }

  private takingKeys({ lane, group }: Place): string[] {
    const { events, ids, waiting, due, lastSeq, leaders, move } = this.keys;
    const { keys } = this;
    return [events, ids, waiting, due, lastSeq, keys.lane(lane), leaders, keys.pool(group), move];
  }

  private takingArgs(event: NewEvent, { lane, group }: Place): (string | number)[] {
    const { takenAt } = event;
    return [identityOf(event), JSON.stringify(event), takenAt, lane, group, this.size];
  }
}

export function readGone(text: string): DisabledTarget {
  const gone = disabledTargetSchema.safeParse(parsedJson(text));
  if (gone.success) return gone.data;
  throw sharedCorrupt('holds a damaged target');
}
