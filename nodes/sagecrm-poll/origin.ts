import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import type { Origin } from '../../src/poll/adoption';
import { granted } from '../../src/poll/granted';
import type { StoreKind } from '../../src/store/migration/movable';
import { moveResource, type Moved } from '../../src/store/migration/move-resource';
import type { SageCrmServer } from '../runtime/server';
import type { LeftState } from './left-state';
import { isEmbeddedIn, openEmbedded, openShared, type PollStorage } from './storage';

/** With its usual settings Redis writes to its disk once a second, and at the latest after two. */
const REDIS_ON_DISK_MS = 2000;
interface OriginOptions {
  from: StoreKind;
  server: SageCrmServer;
  clock: Clock;
  /** Of the embedded store. */
  folder: string;
  node: string;
  resources: readonly string[];
  leftState: LeftState;
  /** The store in use. */
  to: PollStorage;
}

/**
 * The store that a node's state comes from when it is moved into the one in use.
 *
 * @throws SageCrmError `INPUT_INVALID` when it is the one in use, or is not there; and what its
 *   opening throws
 */
export async function openOrigin(options: OriginOptions): Promise<Origin<Moved>> {
  const { from, server, clock, to } = options;
  if ((server.redis === undefined) === (from === 'embedded')) throw alreadyThere(from);
  const storage = await (from === 'redis' ? openRedisOrigin(options) : openEmbeddedOrigin(options));
  return {
    async bring(resource) {
      const lease = storage.leaseOf(resource);
      await granted(() => lease.acquire('now'), { resource, clock });
      return moveResource({
        ...{ resource, kind: from, from: storage.movable, to: to.movable, id: randomUUID() },
        durable: async () => {
          if (from === 'embedded') await clock.sleep(REDIS_ON_DISK_MS);
        },
      });
    },
    close: () => storage.close(),
  };
}

function openEmbeddedOrigin({ folder, clock }: OriginOptions): Promise<PollStorage> {
  if (!isEmbeddedIn(folder)) throw nothingThere();
  return openEmbedded({ folder, clock, anew: false });
}

async function openRedisOrigin(options: OriginOptions): Promise<PollStorage> {
  const redis = options.server.openRedis();
  try {
    const storage = await openShared({ ...options, redis, isInFlight: () => false });
    return {
      ...storage,
      async close() {
        await storage.close();
        redis.close();
      },
    };
  } catch (error) {
    redis.close();
    throw error;
  }
}

function alreadyThere(from: StoreKind): SageCrmError {
  return new SageCrmError(
    'INPUT_INVALID',
    `the node keeps its state in the store "${from}" already, so nothing can be moved from there`,
    'choose the other store in the server node and deploy, then send the message again',
    { details: { field: 'payload.from' } },
  );
}

function nothingThere(): SageCrmError {
  return new SageCrmError(
    'INPUT_INVALID',
    'there is no embedded store of this node on this machine',
    'send the message to the Node-RED that has polled with it',
    { details: { field: 'payload.from' } },
  );
}
