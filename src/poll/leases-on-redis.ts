import { z } from 'zod';
import type { Clock } from '../effects/clock';
import type { Commands } from '../redis/connection';
import type { Fence } from '../redis/fence';
import { pollKeys, pollNodeKeys, type PollNodeKeys } from '../redis/poll-keys';
import { BEAT } from '../redis/presence-scripts';
import { LeaseOnRedis } from './lease-on-redis';
import { ranked, shareOut } from './lease-share';
import { claimState, longestSilence } from './shared-state';

/** Signs of life in the time of one lease. */
const BEATS = 2;

const beatSchema = z.tuple([z.number(), z.array(z.string())]);

export interface LeasesOnRedisOptions {
  connection: Commands;
  prefix: string;
  /** The id of the poll node. */
  node: string;
  /** This instance; another name at every start. */
  owner: string;
  resources: readonly string[];
  leaseMs: number;
  clock: Clock;
  /** True while the flow holds events of a resource. */
  isInFlight: (resource: string) => boolean;
}

/** The leases of one poll node's resources, and which instances share them. */
export class LeasesOnRedis {
  private readonly leases: ReadonlyMap<string, LeaseOnRedis>;
  private readonly closing = new AbortController();
  private instances: readonly string[];
  private shares: ReadonlyMap<string, string> = new Map();
  /** Since this instance has last been new among those that live. */
  private hasClaimed = false;

  constructor(private readonly options: LeasesOnRedisOptions) {
    const { resources, prefix, node, owner } = options;
    this.instances = [owner];
    this.leases = new Map(
      resources.map((resource) => [
        resource,
        new LeaseOnRedis({
          ...options,
          key: pollKeys(prefix, node, resource).lease,
          resource,
          order: () => this.orderOf(resource),
          isInFlight: () => options.isInFlight(resource),
        }),
      ]),
    );
  }

  /**
   * Says that this instance is there, and learns of the others; goes on until it is closed. State that
   * was left because nobody seemed to be there stays.
   *
   * @param anew drops state that was left, and claimed by nobody since
   * @throws SageCrmError `REDIS_UNAVAILABLE`; nothing goes on then
   */
  async open(anew = false): Promise<void> {
    await this.beat(anew);
    void this.beatOn().catch(() => undefined);
  }

  of(resource: string): LeaseOnRedis {
    const lease = this.leases.get(resource);
    if (lease === undefined) throw new Error(`there is no lease for ${resource}`);
    return lease;
  }

  fenceOf(resource: string): Fence {
    return this.of(resource).fence;
  }

  /** Gives back what is held, so that nobody has to wait for this instance. */
  async close(): Promise<void> {
    this.closing.abort();
    const { connection, owner } = this.options;
    const { instances } = this.nodeKeys();
    // Whatever does not come through runs out by itself.
    await Promise.allSettled([
      ...[...this.leases.values()].map((lease) => lease.giveBack()),
      connection.command('zrem', [instances, owner]),
    ]);
  }

  private async beatOn(): Promise<void> {
    const { clock, leaseMs } = this.options;
    for (;;) {
      await clock.sleep(leaseMs / BEATS, this.closing.signal);
      await this.beat().catch(() => undefined);
    }
  }

  private async beat(anew = false): Promise<void> {
    const { connection, owner, leaseMs, node, resources } = this.options;
    const keys = this.nodeKeys();
    const args = [owner, longestSilence(leaseMs), ...resources];
    const answer = await connection.run(BEAT, [keys.instances, keys.resources], args);
    const [isNew, instances] = beatSchema.parse(answer);
    this.instances = instances;
    this.shares = shareOut(node, resources, instances);
    if (isNew === 1) this.hasClaimed = false;
    if (this.hasClaimed) return;
    await claimState(this.options, anew);
    this.hasClaimed = true;
  }

  private nodeKeys(): PollNodeKeys {
    return pollNodeKeys(this.options.prefix, this.options.node);
  }

  /** The second is whoever takes a resource over that the first one fails with; empty: nobody. */
  private orderOf(resource: string): readonly [string, string] {
    const first = this.shares.get(resource) ?? this.options.owner;
    const others = this.instances.filter((instance) => instance !== first);
    return [first, ranked(this.options.node, resource, others)[0] ?? ''];
  }
}
