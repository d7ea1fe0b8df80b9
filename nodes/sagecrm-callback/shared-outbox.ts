import type * as bullmq from 'bullmq';
import type { NodeAPI } from 'node-red';
import type { CallbackProperties } from '../../src/config/callback-properties';
import { checkIn } from '../../src/delivery/shared/check-in';
import { SharedOutbox } from '../../src/delivery/shared/shared-outbox';
import type { SharedOutboxOptions } from '../../src/delivery/shared/shared-outbox-options';
import { SharedStore } from '../../src/delivery/shared/shared-store';
import { LevelMovableOutbox } from '../../src/store/migration/level-movable-outbox';
import { isHeld } from '../../src/store/migration/outbox-state';
import { loadRedisLibrary } from '../runtime/optional-library';
import type { SharedRedis } from '../runtime/redis';
import { serverOf, type SageCrmServer } from '../runtime/server';
import { isEmbeddedIn, userDirOf } from '../runtime/state-folder';

/** BullMQ waits up to ten seconds for a job; only a longer silence is that of a broken connection. */
const SOCKET_TIMEOUT_MS = 30_000;

type Given = 'bullmq' | 'redis' | 'client' | 'release' | 'prefix' | 'lockMs';

/**
 * The server chosen in a callback node.
 *
 * @returns undefined without one; a node of any other kind gives its name to events, and is none
 * @throws SageCrmError `CONFIG_INVALID`
 */
export function chosenServer(RED: NodeAPI, server: string): SageCrmServer | undefined {
  if (server === '') return undefined;
  const chosen = RED.nodes.getNode(server) as object | null;
  if (chosen !== null && !('server' in chosen)) return undefined;
  return serverOf(RED, server);
}

/**
 * The Redis where a callback node keeps its outbox: that of the server chosen in it.
 *
 * @returns undefined for the embedded outbox
 * @throws SageCrmError `CONFIG_INVALID`
 */
export function redisOf(RED: NodeAPI, properties: CallbackProperties): SharedRedis | undefined {
  return chosenServer(RED, properties.server)?.redis;
}

interface Creating extends Omit<SharedOutboxOptions, Given> {
  RED: NodeAPI;
  redis: SharedRedis;
  /** Of the embedded outbox that the node may have had before. */
  folder: string;
}

/**
 * @throws SageCrmError `REDIS_MISSING` without the library, `REDIS_UNAVAILABLE`, and `STATE_MOVED` or
 *   `STATE_ELSEWHERE` when the outbox is not there to work on
 */
export async function createSharedOutbox(options: Creating): Promise<SharedOutbox> {
  const { RED, redis, folder, node } = options;
  const library = loadRedisLibrary(userDirOf(RED), 'bullmq') as typeof bullmq;
  const { connection, done } = redis.use();
  try {
    await checkIn(new SharedStore(connection, redis.prefix, node), () => isLeftBehind(folder));
  } catch (error) {
    done();
    throw error;
  }
  const client = redis.createClient({
    // Without it, BullMQ waits for ever for answers to what a broken connection has swallowed.
    autoResendUnfulfilledCommands: true,
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
    commandTimeout: undefined,
    socketTimeout: SOCKET_TIMEOUT_MS,
  });
  return new SharedOutbox({
    ...options,
    ...{ bullmq: library, redis: connection, client, prefix: redis.prefix },
    lockMs: redis.leaseMs,
    release: () => {
      client.disconnect();
      done();
    },
  });
}

/** Whether the embedded store, which is not in use, holds an outbox that has not left. */
async function isLeftBehind(folder: string): Promise<boolean> {
  if (!isEmbeddedIn(folder)) return false;
  const outbox = await LevelMovableOutbox.open(folder);
  try {
    return (await outbox.move()) === undefined && isHeld(await outbox.head());
  } finally {
    await outbox.close();
  }
}
