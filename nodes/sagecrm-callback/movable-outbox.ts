import { randomUUID } from 'node:crypto';
import type * as bullmq from 'bullmq';
import { openQueue } from '../../src/delivery/shared/job-queue';
import { SharedMovableOutbox } from '../../src/delivery/shared/movable-outbox';
import { SharedStore } from '../../src/delivery/shared/shared-store';
import type { Clock } from '../../src/effects/clock';
import { LevelMovableOutbox } from '../../src/store/migration/level-movable-outbox';
import { otherThan, type StoreKind } from '../../src/store/migration/movable';
import { onDiskIn } from '../../src/store/migration/on-disk';
import {
  moveOutbox,
  type MovableOutbox,
  type MovedOutbox,
} from '../../src/store/migration/outbox-state';
import { loadRedisLibrary } from '../runtime/optional-library';
import type { SharedRedis } from '../runtime/redis';

/** Jobs of a killed instance are taken for its own so long, in lock times. */
const PATIENCE = 2;
const LEAST_PATIENCE_MS = 60_000;

interface OnRedis {
  redis: SharedRedis;
  /** The id of the callback node. */
  node: string;
  /** Where the library may be installed. */
  userDir: string | undefined;
  clock: Clock;
  signal?: AbortSignal;
}

/**
 * Uses the outbox on Redis as one end of a move, once no instance has a job of it in its hands.
 *
 * @throws SageCrmError `REDIS_MISSING`, `REDIS_UNAVAILABLE`, or `LEASE_HELD` when one goes on working
 */
export async function withOutboxOnRedis<Result>(
  { redis, node, userDir, clock, signal }: OnRedis,
  use: (outbox: MovableOutbox) => Promise<Result>,
): Promise<Result> {
  const library = loadRedisLibrary(userDir, 'bullmq') as typeof bullmq;
  const { connection, done } = redis.use();
  const client = redis.createClient();
  const store = new SharedStore(connection, redis.prefix, node);
  const { tag } = store.keys;
  const queue = openQueue({ bullmq: library, client, tag, skipMetasUpdate: true });
  // What fails is told by the command that fails.
  queue.on('error', () => undefined);
  try {
    const outbox = new SharedMovableOutbox(store, queue);
    await outbox.idle(clock, Math.max(LEAST_PATIENCE_MS, PATIENCE * redis.leaseMs), signal);
    return await use(outbox);
  } finally {
    client.disconnect();
    await queue.close();
    done();
  }
}

/**
 * Moves the outbox of a callback node; it must not be open.
 *
 * @param kind the store that it comes from
 * @param folder of the embedded outbox
 * @returns undefined when there is nothing to move
 * @throws SageCrmError what opening and moving throw
 */
export function carryOutbox(
  onRedis: OnRedis,
  kind: StoreKind,
  folder: string,
): Promise<MovedOutbox | undefined> {
  const { clock, signal } = onRedis;
  const other = otherThan(kind);
  return withOutboxOnRedis(onRedis, async (redis) => {
    const embedded = await LevelMovableOutbox.open(folder);
    try {
      const ends = { embedded, redis };
      return await moveOutbox({
        ...{ from: ends[kind], kind, to: ends[other], id: randomUUID() },
        durable: onDiskIn(other, clock),
        ...(signal === undefined ? {} : { signal }),
      });
    } finally {
      await embedded.close();
    }
  });
}
