import { z } from 'zod';
import type { Clock } from '../../effects/clock';
import type { Argument } from '../../redis/connection';
import type { Script } from '../../redis/script';
import { SLICE_SIZE, type Move } from '../../store/migration/movable';
import { outboxInUse, outboxPresent } from '../../store/migration/move-error';
import {
  letterSlices,
  type MovableOutbox,
  type OutboxHead,
  type OutboxSlice,
} from '../../store/migration/outbox-state';
import { hashed } from '../../store/outbox-layout';
import type { DeadLetter, NewEvent } from '../../store/outbox-store';
import type { SharedQueue } from './bull-mq';
import { passing } from './job-faults';
import {
  ARRIVE,
  EMPTY,
  ENTER,
  FILE,
  FORGET,
  HEAD,
  IDLE,
  LEAVE,
  SILENCE,
  TAKE_IN,
} from './move-scripts';
import { SharedLetters } from './shared-letters';
import { readGone, type SharedStore } from './shared-store';
import { identityOf, placeOf, readEvent } from './turn';

/** A letter's job is delayed until it is put among the failed ones, and longer than that may last. */
const UNTIL_FILED_MS = 366 * 86_400_000;

/** How soon it is looked again whether an instance still works on the outbox. */
const LOOK_AGAIN_MS = 500;

const textsSchema = z.array(z.string());
const optionalTextsSchema = z.array(z.string().nullable());
const headSchema = z.tuple([z.number(), z.number(), textsSchema, z.string(), z.string()]);

/**
 * The outbox on Redis, as one end of a move. All other instances are to be stopped; where one is not,
 * what it does meanwhile makes the move fail, and after it the scripts refuse its work.
 *
 * Events that arrive have no jobs: they are due once the outbox has arrived, and whoever opens it then
 * adds the jobs. Dead letters arrive as failed jobs.
 *
 * @throws SageCrmError `REDIS_UNAVAILABLE`, `STATE_CORRUPT`, or `LEASE_HELD` for the work of others
 */
export class SharedMovableOutbox implements MovableOutbox {
  /** What the writes of this move show. */
  private mark = '';

  constructor(
    private readonly store: SharedStore,
    private readonly queue: SharedQueue,
  ) {}

  /**
   * Waits until no instance has a job in its hands; that of a killed one goes on for a lock time.
   *
   * @throws SageCrmError `LEASE_HELD` when that takes longer than `patienceMs`
   */
  async idle(clock: Clock, patienceMs: number, signal?: AbortSignal): Promise<void> {
    const end = clock.monotonic() + patienceMs;
    const args = [this.queue.toKey('')];
    while ((await this.store.redis.run(IDLE, [this.queue.toKey('active')], args)) !== 1) {
      if (clock.monotonic() >= end) throw outboxInUse();
      await clock.sleep(LOOK_AGAIN_MS, signal);
    }
  }

  move(): Promise<Move | undefined> {
    return this.store.move();
  }

  async head(): Promise<OutboxHead> {
    const { events, letters, gone, lastSeq, lastLetter } = this.store.keys;
    const keys = [events, letters, gone, lastSeq, lastLetter];
    const [count, dead, targets, seq, letter] = headSchema.parse(
      await this.store.redis.run(HEAD, keys, []),
    );
    const silenced = targets.map(readGone);
    return { events: count, letters: dead, silenced, version: `${seq}/${letter}` };
  }

  async *slices(): AsyncGenerator<OutboxSlice> {
    const numbers = await this.numbers();
    for (let from = 0; from < numbers.length; from += SLICE_SIZE) {
      const ids = [...numbers.subarray(from, from + SLICE_SIZE)].map((number) => `e${number}`);
      yield { events: await this.eventsOf(ids) };
    }
    yield* letterSlices(new SharedLetters(this.store, this.queue, () => undefined));
  }

  async begin(id: string): Promise<void> {
    const { move, events, letters, gone, lastSeq } = this.store.keys;
    this.mark = markOf({ role: 'arriving', id });
    const keys = [move, events, letters, gone, lastSeq];
    const answer = await this.store.redis.run(ARRIVE, keys, [this.mark]);
    if (answer !== 'OK') throw outboxPresent('redis');
    await this.clear();
  }

  async take({ events = [], letters = [] }: OutboxSlice): Promise<void> {
    await this.takeEvents(events);
    await this.takeLetters(letters);
  }

  async complete({ silenced }: OutboxHead): Promise<void> {
    const { move, gone } = this.store.keys;
    const pairs = silenced.flatMap(({ target, address }) => [
      hashed(target),
      JSON.stringify({ target, address }),
    ]);
    await this.write(SILENCE, [move, gone], pairs);
  }

  async leave(id: string, { events: count, version }: OutboxHead): Promise<void> {
    const { move, events, lastSeq, lastLetter } = this.store.keys;
    this.mark = markOf({ role: 'left', id });
    const keys = [move, events, lastSeq, lastLetter, this.queue.toKey('active')];
    const [seq = '', letter = ''] = version.split('/');
    await this.write(LEAVE, keys, [count, seq, letter, this.queue.toKey('')]);
  }

  async enter(id: string): Promise<void> {
    const { move, heads, due } = this.store.keys;
    this.mark = markOf({ role: 'arriving', id });
    await this.write(ENTER, [move, heads, due], []);
  }

  async drop(): Promise<void> {
    const move = await this.move();
    if (move?.role !== 'left') return;
    this.mark = markOf(move);
    await this.clear();
  }

  private async write(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<void> {
    const answer = await this.store.redis.run(script, keys, [this.mark, ...args]);
    if (answer !== 'OK') throw outboxInUse();
  }

  private async takeEvents(events: readonly NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    const { move, events: all, ids, waiting, lastSeq, heads, lane } = this.store.keys;
    const lanes = events.map((event) => lane(placeOf(event).lane));
    const keys = [move, all, ids, waiting, lastSeq, heads, ...lanes];
    const args = events.flatMap((event) => [
      ...[identityOf(event), JSON.stringify(event), event.takenAt],
    ]);
    await this.write(TAKE_IN, keys, args);
  }

  private async takeLetters(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    await this.queue
      .addBulk(
        letters.map(({ letter: number, ...letter }) => ({
          name: 'deliver',
          data: { ...placeOf(letter.event), letter },
          opts: { jobId: jobOf(number), delay: UNTIL_FILED_MS },
        })),
      )
      .catch(passing);
    const { move, letters: all, lastLetter } = this.store.keys;
    const [delayed, failed] = [this.queue.toKey('delayed'), this.queue.toKey('failed')];
    const jobs = letters.map(({ letter }) => this.queue.toKey(jobOf(letter)));
    const args = letters.flatMap(({ letter, buriedAt, reason }) => [
      ...[jobOf(letter), letter, buriedAt, reason.message],
    ]);
    await this.write(FILE, [move, all, lastLetter, delayed, failed, ...jobs], args);
  }

  /** Of the waiting events, in the order of taking: times do not tell it, since clocks differ. */
  private async numbers(): Promise<Float64Array> {
    const { redis, keys } = this.store;
    const numbers: number[] = [];
    for (;;) {
      const begin = numbers.length;
      const args = [keys.waiting, begin, begin + SLICE_SIZE - 1];
      const ids = textsSchema.parse(await redis.command('zrange', args));
      if (ids.length === 0) return Float64Array.from(numbers).sort();
      numbers.push(...ids.map((id) => Number(id.slice(1))));
    }
  }

  /** One that another instance has ended just now is left out. */
  private async eventsOf(ids: readonly string[]): Promise<NewEvent[]> {
    const { redis, keys } = this.store;
    const texts = await redis.command('hmget', [keys.events, ...ids]);
    return optionalTextsSchema
      .parse(texts)
      .flatMap((text) => (text === null ? [] : [readEvent(text)]));
  }

  /** Events with their lanes and pools in slices, all else at once, and the jobs. */
  private async clear(): Promise<void> {
    const { redis, keys } = this.store;
    for (;;) {
      const found = await redis.command('zrange', [keys.waiting, 0, SLICE_SIZE - 1]);
      const ids = textsSchema.parse(found);
      if (ids.length === 0) break;
      const events = await this.eventsOf(ids);
      const places = events.map(placeOf);
      const lists = new Set(
        places.flatMap(({ lane, group }) => [keys.lane(lane), keys.pool(group)]),
      );
      await this.write(FORGET, [keys.move, keys.events, keys.waiting, ...lists], ids);
    }
    const targets = textsSchema.parse(await redis.command('hkeys', [keys.gone]));
    const { move, events, ids, due, heads, letters, trash, gone, batches, apart, leaders } = keys;
    const others = [
      ...[events, ids, due, heads, letters, trash, gone, batches, apart, leaders],
      ...targets.map(keys.held),
    ];
    await this.write(EMPTY, [move, ...others], []);
    await this.queue.obliterate({ force: true }).catch(passing);
  }
}

/** Events that are taken later have jobs of other names. */
function jobOf(letter: number): string {
  return `l${letter}`;
}

function markOf(move: Move): string {
  return JSON.stringify(move);
}
