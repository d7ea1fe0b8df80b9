import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as bullmq from 'bullmq';
import * as ioredis from 'ioredis';
import { createRedisClient, type IoRedisClient } from '../../../nodes/runtime/redis-client';
import { redisSettings } from '../../../src/config/redis-properties';
import type { SharedQueue } from '../../../src/delivery/shared/bull-mq';
import { openQueue } from '../../../src/delivery/shared/job-queue';
import { SharedMovableOutbox } from '../../../src/delivery/shared/movable-outbox';
import { SharedStore } from '../../../src/delivery/shared/shared-store';
import type { RedisConnection } from '../../../src/redis/connection';
import { LevelMovableOutbox } from '../../../src/store/migration/level-movable-outbox';
import type { StoreKind } from '../../../src/store/migration/movable';
import type { MovableOutbox } from '../../../src/store/migration/outbox-state';
import { connect, NO_CREDENTIALS } from './instance';

export class Crash extends Error {}

/** Lets a number of steps through, and none after that, as if the process had been killed. */
export class Fuse {
  constructor(private left = Infinity) {}

  get isBlown(): boolean {
    return this.left < 0;
  }

  async step<Result>(run: () => Promise<Result>): Promise<Result> {
    this.left -= 1;
    if (this.left < 0) throw new Crash();
    return run();
  }
}

/** Both stores of one callback node, as the ends of a move. */
export class OutboxEnds {
  private readonly connection: RedisConnection;
  private readonly client: IoRedisClient;
  readonly queue: SharedQueue;
  readonly store: SharedStore;
  readonly shared: SharedMovableOutbox;

  private constructor(
    readonly embedded: LevelMovableOutbox,
    redisUrl: string,
    prefix: string,
    private readonly fuse: Fuse,
  ) {
    const settings = redisSettings({ redisUrl, redisPrefix: prefix }, NO_CREDENTIALS, {});
    this.client = createRedisClient(ioredis, settings, undefined, { enableOfflineQueue: true });
    this.connection = connect(redisUrl);
    const { connection } = this;
    const redis: Pick<RedisConnection, 'command' | 'run'> = {
      command: (...args) => fuse.step(() => connection.command(...args)),
      run: (...args) => fuse.step(() => connection.run(...args)),
    };
    this.store = new SharedStore(redis, prefix, 'callback');
    const { client } = this;
    this.queue = openQueue({ bullmq, client, tag: this.store.keys.tag });
    this.shared = new SharedMovableOutbox(this.store, breaking(this.queue, fuse));
  }

  static async open(
    { folder, url, prefix }: { folder: string; url: string; prefix: string },
    fuse = new Fuse(),
  ): Promise<OutboxEnds> {
    return new OutboxEnds(await LevelMovableOutbox.open(folder), url, prefix, fuse);
  }

  get byKind(): Record<StoreKind, MovableOutbox> {
    const { embedded: end, fuse, shared } = this;
    const embedded: MovableOutbox = {
      move: () => end.move(),
      head: () => end.head(),
      slices: () => end.slices(),
      begin: (id) => fuse.step(() => end.begin(id)),
      take: (slice) => fuse.step(() => end.take(slice)),
      complete: (head) => fuse.step(() => end.complete(head)),
      leave: (id) => fuse.step(() => end.leave(id)),
      enter: () => fuse.step(() => end.enter()),
      drop: () => fuse.step(() => end.drop()),
    };
    return { embedded, redis: shared };
  }

  async close(): Promise<void> {
    await this.embedded.close();
    await this.queue.close();
    this.client.disconnect();
    this.connection.close();
  }
}

/** The steps that the jobs of a queue take are steps, too. */
function breaking(queue: SharedQueue, fuse: Fuse): SharedQueue {
  return Object.create(queue, {
    addBulk: {
      value: (...args: Parameters<SharedQueue['addBulk']>) =>
        fuse.step(() => queue.addBulk(...args)),
    },
    obliterate: {
      value: (...args: Parameters<SharedQueue['obliterate']>) =>
        fuse.step(() => queue.obliterate(...args)),
    },
  }) as SharedQueue;
}

export async function newFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-ends-'));
  return { folder, remove: () => rm(folder, { recursive: true }) };
}
