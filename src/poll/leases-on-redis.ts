import { z } from 'zod';
import type { Clock } from '../effects/clock';
import type { RedisConnection } from '../redis/connection';
import type { Fence } from '../redis/fence';
import { BEAT } from '../redis/lease-scripts';
import { pollKeys, pollNodeKeys } from '../redis/poll-keys';
import { LeaseOnRedis } from './lease-on-redis';
import { ranked, shareOut } from './lease-share';

/** How long an instance may be silent, in leases, before it has no share any more. */
const LEASES_OF_SILENCE = 1.5;
/** Signs of life in the time of one lease. */
const BEATS = 2;

const instancesSchema = z.array(z.string());

export interface LeasesOnRedisOptions {
  connection: RedisConnection;
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
   * Says that this instance is there, and learns of the others; goes on until it is closed.
   *
   * @throws SageCrmError `REDIS_UNAVAILABLE`; nothing goes on then
   */
  async open(): Promise<void> {
    await this.beat();
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
    const key = this.instancesKey();
    // Whatever does not come through runs out by itself.
    await Promise.allSettled([
      ...[...this.leases.values()].map((lease) => lease.giveBack()),
      connection.command('zrem', [key, owner]),
    ]);
  }

  private async beatOn(): Promise<void> {
    const { clock, leaseMs } = this.options;
    for (;;) {
      await clock.sleep(leaseMs / BEATS, this.closing.signal);
      await this.beat().catch(() => undefined);
    }
  }

  private async beat(): Promise<void> {
    const { connection, owner, leaseMs, node, resources } = this.options;
    const args = [owner, Math.round(leaseMs * LEASES_OF_SILENCE)];
    const answer = await connection.run(BEAT, [this.instancesKey()], args);
    this.instances = instancesSchema.parse(answer);
    this.shares = shareOut(node, resources, this.instances);
  }

  private instancesKey(): string {
    return pollNodeKeys(this.options.prefix, this.options.node).instances;
  }

  /** The second is whoever takes a resource over that the first one fails with; empty: nobody. */
  private orderOf(resource: string): readonly [string, string] {
    const first = this.shares.get(resource) ?? this.options.owner;
    const others = this.instances.filter((instance) => instance !== first);
    return [first, ranked(this.options.node, resource, others)[0] ?? ''];
  }
}
