import type * as bullmq from 'bullmq';
import type { NodeAPI } from 'node-red';
import type { CallbackProperties } from '../../src/config/callback-properties';
import { SharedOutbox, type SharedOutboxOptions } from '../../src/delivery/shared/shared-outbox';
import { loadRedisLibrary } from '../runtime/optional-library';
import type { SharedRedis } from '../runtime/redis';
import { serverOf } from '../runtime/server';

/** BullMQ waits up to ten seconds for a job; only a longer silence is that of a broken connection. */
const SOCKET_TIMEOUT_MS = 30_000;

type Given = 'bullmq' | 'redis' | 'client' | 'release' | 'prefix' | 'lockMs';

/**
 * The Redis where a callback node keeps its outbox: that of the server chosen in it.
 *
 * @returns undefined for the embedded outbox
 * @throws SageCrmError `CONFIG_INVALID`
 */
export function redisOf(RED: NodeAPI, properties: CallbackProperties): SharedRedis | undefined {
  const { server } = properties;
  if (server === '') return undefined;
  const chosen = RED.nodes.getNode(server) as object | null;
  // A node of any other kind gives its name to events, and keeps no state.
  if (chosen !== null && !('server' in chosen)) return undefined;
  return serverOf(RED, server).redis;
}

/** @throws SageCrmError `REDIS_MISSING` without the library */
export function createSharedOutbox(
  RED: NodeAPI,
  redis: SharedRedis,
  options: Omit<SharedOutboxOptions, Given>,
): SharedOutbox {
  const library = loadRedisLibrary(RED, 'bullmq') as typeof bullmq;
  const { connection, done } = redis.use();
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
