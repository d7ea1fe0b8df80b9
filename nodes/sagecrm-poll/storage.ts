import type { Clock } from '../../src/effects/clock';
import { SOLE_LEASE, type PollLease } from '../../src/poll/lease';
import { LeasesOnRedis } from '../../src/poll/leases-on-redis';
import { LevelPollStore } from '../../src/store/level-poll-store';
import type { PollStore } from '../../src/store/poll-store';
import { RedisPollStore } from '../../src/store/redis-poll-store';
import type { SharedRedis } from '../runtime/redis';
import { putAside } from '../runtime/state-folder';

/** After so long without a sign of life another instance takes over. */
const LEASE_MS = 30_000;

/** A store, and the right to poll what is in it. */
export interface PollStorage {
  store: PollStore;
  leaseOf: (resource: string) => PollLease;
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
  return { store, leaseOf: () => SOLE_LEASE, close: () => store.close() };
}

interface Shared {
  redis: SharedRedis;
  /** The id of the poll node, which is the same in all instances. */
  node: string;
  resources: readonly string[];
  clock: Clock;
  /** True while the flow holds events of a resource. */
  isInFlight: (resource: string) => boolean;
}

/** @throws SageCrmError `REDIS_UNAVAILABLE` */
export async function openShared({ redis, ...options }: Shared): Promise<PollStorage> {
  const { connection, done } = redis.use();
  const { prefix, instance: owner } = redis;
  const leases = new LeasesOnRedis({
    ...options,
    ...{ connection, prefix, owner, leaseMs: LEASE_MS },
  });
  try {
    await leases.open();
  } catch (error) {
    done();
    throw error;
  }
  const { node } = options;
  const fenceOf = leases.fenceOf.bind(leases);
  const store = new RedisPollStore({ connection, prefix, node, fenceOf });
  return {
    store,
    leaseOf: (resource) => leases.of(resource),
    async close() {
      await store.close();
      await leases.close();
      done();
    },
  };
}
