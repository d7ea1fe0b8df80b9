import type * as IoRedis from 'ioredis';
import type { RedisSettings } from '../../src/config/redis-properties';
import { systemClock } from '../../src/effects/clock';
import type { TlsOptions } from '../../src/http/agents';
import { RedisConnection } from '../../src/redis/connection';
import { createRedisClient } from './redis-client';
import { tlsFaultOf } from './redis-tls';

/**
 * A connection for commands of ours.
 *
 * @param tls see `tlsOf`
 */
export function connectRedis(
  library: Pick<typeof IoRedis, 'Redis' | 'Cluster'>,
  settings: RedisSettings,
  tls: TlsOptions | undefined,
): RedisConnection {
  const client = createRedisClient(library, settings, tls);
  const whyNot = tls === undefined ? undefined : () => tlsFaultOf(settings.address, tls);
  return new RedisConnection(client, systemClock(), { whyNot });
}
