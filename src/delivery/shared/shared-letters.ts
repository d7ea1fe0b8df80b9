import { z } from 'zod';
import {
  deadLetterSchema,
  type DeadLetter,
  type DeadLetters,
  type LetterPage,
} from '../../store/outbox-store';
import type { SharedQueue } from './bull-mq';
import { DROP, LETTERS } from './scripts';
import type { SharedStore } from './shared-store';
import { sharedCorrupt, type Coming } from './turn';

const idsSchema = z.array(z.string());

/** Dead letters: the failed jobs of BullMQ, numbered in the order of giving up. */
export class SharedLetters implements DeadLetters {
  /** As of the last look; other instances change it, too. */
  count = 0;

  constructor(
    private readonly store: SharedStore,
    private readonly queue: SharedQueue,
    private readonly onComing: (coming: Coming) => void,
  ) {}

  async list({ order, limit, after }: LetterPage): Promise<DeadLetter[]> {
    const { redis, keys } = this.store;
    this.count = z.number().parse(await redis.command('zcard', [keys.letters]));
    const bound = after === undefined ? undefined : `(${after}`;
    const args =
      order === 'oldest'
        ? [keys.letters, bound ?? '-inf', '+inf', 'WITHSCORES', 'LIMIT', 0, limit]
        : [keys.letters, bound ?? '+inf', '-inf', 'WITHSCORES', 'LIMIT', 0, limit];
    const command = order === 'oldest' ? 'zrangebyscore' : 'zrevrangebyscore';
    const flat = idsSchema.parse(await redis.command(command, args));
    const ids = flat.filter((_text, index) => index % 2 === 0);
    const numbers = flat.filter((_text, index) => index % 2 === 1).map(Number);
    return this.withJobs(ids, numbers);
  }

  async read(letters: readonly number[]): Promise<DeadLetter[]> {
    return this.withJobs(await this.idsOf(letters), letters);
  }

  async replay(letters: readonly DeadLetter[], takenAt: number): Promise<void> {
    const ids = await this.idsOf(letters.map(({ letter }) => letter));
    for (const [index, { event }] of letters.entries()) {
      const id = ids[index] ?? '';
      if (id === '') continue;
      this.onComing(await this.store.replay(id, { ...event, takenAt }));
    }
    await this.empty(ids);
  }

  async drop(letters: readonly number[]): Promise<void> {
    const ids = (await this.idsOf(letters)).filter((id) => id !== '');
    if (ids.length === 0) return;
    const { redis, keys } = this.store;
    await redis.run(DROP, [keys.letters, keys.trash], ids);
    await this.empty(ids);
  }

  /** Removes failed jobs that a run which has ended had no time to remove. */
  async emptyTrash(): Promise<void> {
    const { redis, keys } = this.store;
    await this.empty(idsSchema.parse(await redis.command('smembers', [keys.trash])));
  }

  /** A job that is being moved to the failed ones just now stays for the next time. */
  private async empty(ids: readonly string[]): Promise<void> {
    const { redis, keys } = this.store;
    for (const id of ids.filter((some) => some !== '')) {
      const isAway =
        (await this.queue.remove(id)) === 1 || (await this.queue.getJob(id)) === undefined;
      if (isAway) await redis.command('srem', [keys.trash, id]);
    }
  }

  private async idsOf(letters: readonly number[]): Promise<string[]> {
    if (letters.length === 0) return [];
    const { redis, keys } = this.store;
    return idsSchema.parse(await redis.run(LETTERS, [keys.letters], letters));
  }

  /** A job that somebody has removed by other means is no letter any more. */
  private async withJobs(
    ids: readonly string[],
    numbers: readonly number[],
  ): Promise<DeadLetter[]> {
    const jobs = await Promise.all(
      ids.map(async (id) => (id === '' ? undefined : this.queue.getJob(id))),
    );
    const { redis, keys } = this.store;
    const lost = ids.filter((id, index) => id !== '' && jobs[index] === undefined);
    if (lost.length > 0) await redis.command('zrem', [keys.letters, ...lost]);
    return jobs.flatMap((job, index) => {
      if (job === undefined) return [];
      const letter = deadLetterSchema.safeParse(job.data.letter);
      if (!letter.success) throw sharedCorrupt('holds a damaged dead letter');
      return [{ letter: numbers[index] ?? 0, ...letter.data }];
    });
  }
}
