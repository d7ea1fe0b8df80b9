import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/effects/clock';
import type { Origin } from '../../src/poll/adoption';
import { granted } from '../../src/poll/granted';
import { otherThan, type StoreKind } from '../../src/store/migration/movable';
import { moveState } from '../../src/store/migration/move-state';
import { onDiskIn } from '../../src/store/migration/on-disk';
import { alreadyThere, noEmbeddedStore } from '../../src/store/migration/origin';
import { pollState, type MovedPoll } from '../../src/store/migration/poll-state';
import type { SageCrmServer } from '../runtime/server';
import { isEmbeddedIn } from '../runtime/state-folder';
import type { LeftState } from './left-state';
import { openEmbedded, openShared, type PollStorage } from './storage';

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
export async function openOrigin(options: OriginOptions): Promise<Origin<MovedPoll>> {
  const { from: kind, server, clock, to } = options;
  if ((server.redis === undefined) === (kind === 'embedded')) throw alreadyThere(kind);
  const from = await (kind === 'redis' ? openRedisOrigin(options) : openEmbeddedOrigin(options));
  return {
    bring: (resource) => bringPoll({ resource, kind, from, to, clock }),
    close: () => from.close(),
  };
}

interface Bringing {
  resource: string;
  from: PollStorage;
  /** Which store `from` is. */
  kind: StoreKind;
  to: PollStorage;
  clock: Clock;
}

/**
 * Moves the state of a resource, whose lease in `to` is held already.
 *
 * @returns undefined when there is nothing to move
 * @throws SageCrmError `LEASE_HELD`, and what the move throws
 */
export async function bringPoll(options: Bringing): Promise<MovedPoll | undefined> {
  const { resource, from, kind, to, clock } = options;
  const lease = from.leaseOf(resource);
  await granted(() => lease.acquire('now'), { resource, clock });
  return moveState(pollState(resource), {
    ...{ from: from.movable(resource), kind, to: to.movable(resource), id: randomUUID() },
    durable: onDiskIn(otherThan(kind), clock),
  });
}

function openEmbeddedOrigin({ folder, clock }: OriginOptions): Promise<PollStorage> {
  if (!isEmbeddedIn(folder)) throw noEmbeddedStore();
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
