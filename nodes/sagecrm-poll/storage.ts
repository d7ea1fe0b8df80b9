import type { Clock } from '../../src/effects/clock';
import { SOLE_LEASE, type PollLease } from '../../src/poll/lease';
import { LeasesOnRedis } from '../../src/poll/leases-on-redis';
import { LevelPollStore } from '../../src/store/level-poll-store';
import type { MovablePoll } from '../../src/store/migration/poll-state';
import type { PollStore } from '../../src/store/poll-store';
import { RedisPollStore } from '../../src/store/redis-poll-store';
import type { SharedRedis } from '../runtime/redis';
import { isEmbeddedIn, putAside } from '../runtime/state-folder';
import type { LeftState } from './left-state';

/** A store, and the right to poll what is in it. */
export interface PollStorage {
  store: PollStore;
  leaseOf: (resource: string) => PollLease;
  /** A resource's state as one end of a move. */
  movable: (resource: string) => MovablePoll;
  close: () => Promise<void>;
}

interface Embedded {
  folder: string;
  clock: Clock;
  /** Puts state that cannot be understood aside. */
  anew: boolean;
}

/** @throws SageCrmError `STATE_LOCKED`, `STATE_CORRUPT` or `STATE_IO` */
export async function openEmbedded({ folder, clock, anew }: Embedded): Promise<PollStorage> {
  if (anew) await putAside(folder, clock.now());
  const store = await LevelPollStore.open(folder);
  return {
    store,
    movable: (resource) => store.movable(resource),
    leaseOf: () => SOLE_LEASE,
    close: () => store.close(),
  };
}

/** Whether the embedded store, which is not in use, holds state of a resource or has held it. */
async function isLeftBehind(folder: string, resource: string): Promise<boolean> {
  if (!isEmbeddedIn(folder)) return false;
  const store = await LevelPollStore.open(folder);
  try {
    const { state, begun } = await store.movable(resource).head();
    return state !== undefined || begun !== undefined;
  } finally {
    await store.close();
  }
}

interface Shared {
  redis: SharedRedis;
  /** Where the embedded store of the node was before. */
  folder: string;
  /** The id of the poll node, which is the same in all instances. */
  node: string;
  resources: readonly string[];
  clock: Clock;
  /** True while the flow holds events of a resource. */
  isInFlight: (resource: string) => boolean;
  /** Absent where no node is deleted. */
  leftState?: LeftState;
}

/** @throws SageCrmError `REDIS_UNAVAILABLE` */
export async function openShared({
  redis,
  folder,
  leftState,
  ...options
}: Shared): Promise<PollStorage> {
  const anew = await leftState?.usedBy(options.node, redis);
  const { connection, done } = redis.use();
  const { prefix, instance: owner, leaseMs } = redis;
  const leases = new LeasesOnRedis({
    ...options,
    ...{ connection, prefix, owner, leaseMs },
  });
  try {
    await leases.open(anew);
    leftState?.opened(options.node);
  } catch (error) {
    done();
    throw error;
  }
  const { node } = options;
  const fenceOf = leases.fenceOf.bind(leases);
  const isElsewhere = (resource: string): Promise<boolean> => isLeftBehind(folder, resource);
  const store = new RedisPollStore({ connection, prefix, node, fenceOf, isElsewhere });
  return {
    store,
    movable: (resource) => store.movable(resource),
    leaseOf: (resource) => leases.of(resource),
    async close() {
      await store.close();
      await leases.close();
      done();
    },
  };
}
