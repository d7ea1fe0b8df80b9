import * as ioredis from 'ioredis';
import { tlsOf } from '../../../nodes/runtime/redis-client';
import { connectRedis } from '../../../nodes/runtime/redis-connection';
import { redisSettings } from '../../../src/config/redis-properties';
import { systemClock, type Clock } from '../../../src/effects/clock';
import type { TlsOptions } from '../../../src/http/agents';
import { LeasesOnRedis } from '../../../src/poll/leases-on-redis';
import type { RedisConnection } from '../../../src/redis/connection';
import { RedisPollStore } from '../../../src/store/redis-poll-store';

export const NO_CREDENTIALS = { redisUsername: '', redisPassword: '' };

export interface InstanceOptions {
  url: string;
  tls?: TlsOptions | undefined;
  prefix: string;
  owner: string;
  resources?: readonly string[];
  leaseMs?: number;
  /** For leases; the connection has the machine's own. */
  clock?: Clock;
  node?: string;
  isInFlight?: (resource: string) => boolean;
  mostVersions?: number;
}

/** One of several that share a poll node's state: put together as the node does it. */
export class Instance {
  readonly connection: RedisConnection;
  readonly leases: LeasesOnRedis;
  readonly store: RedisPollStore;

  constructor(options: InstanceOptions) {
    const { url, tls, prefix, owner, node = 'node', mostVersions } = options;
    this.connection = connect(url, tls);
    this.leases = new LeasesOnRedis({
      ...{ connection: this.connection, prefix, node, owner },
      resources: options.resources ?? ['accounts', 'contacts', 'account', 'accounts2'],
      leaseMs: options.leaseMs ?? 30_000,
      clock: options.clock ?? systemClock(),
      isInFlight: options.isInFlight ?? (() => false),
    });
    const fenceOf = this.leases.fenceOf.bind(this.leases);
    this.store = new RedisPollStore(
      { connection: this.connection, prefix, node, fenceOf },
      mostVersions,
    );
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.leases.close();
    this.connection.close();
  }
}

export function connect(url: string, tls?: TlsOptions): RedisConnection {
  const settings = redisSettings({ redisUrl: url, redisPrefix: 'test' }, NO_CREDENTIALS, {});
  return connectRedis(ioredis, settings, tlsOf(settings, tls));
}
