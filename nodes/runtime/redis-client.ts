import type * as IoRedis from 'ioredis';
import { z } from 'zod';
import type { RedisSettings } from '../../src/config/redis-properties';
import type { TlsOptions } from '../../src/http/agents';
import { redisUnavailable } from '../../src/redis/redis-error';

/** A client of ioredis, single or cluster. */
export type IoRedisClient = IoRedis.Redis | IoRedis.Cluster;

/** What a client may do otherwise than ours, such as that of a queue which waits for work. */
export type ClientChanges = Pick<
  IoRedis.RedisOptions,
  | 'autoResendUnfulfilledCommands'
  | 'commandTimeout'
  | 'maxRetriesPerRequest'
  | 'enableOfflineQueue'
  | 'socketTimeout'
>;

const CONNECT_TIMEOUT_MS = 5000;
const COMMAND_TIMEOUT_MS = 5000;
/** A connection on which nothing is heard for so long, though there is a command, is not there. */
const SOCKET_TIMEOUT_MS = 10_000;
const LONGEST_PAUSE_MS = 2000;

/** Commands fail rather than wait, and are never sent again later: whoever sent one repeats it. */
const FAIL_SOON = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: SOCKET_TIMEOUT_MS,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
} satisfies ClientChanges;

/** Connects again for ever, soon at first. */
function pauseBefore(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, 50 * 2 ** Math.min(attempt, 10));
}

/** What TLS is to be like; undefined: there is none. */
export function tlsOf(
  { address }: Pick<RedisSettings, 'address'>,
  chosen: TlsOptions | undefined,
): TlsOptions | undefined {
  return address.encrypted ? { ...chosen } : chosen;
}

/**
 * A client that connects at once, and by itself again whenever the connection breaks.
 *
 * @param tls see `tlsOf`
 */
export function createRedisClient(
  { Redis, Cluster }: Pick<typeof IoRedis, 'Redis' | 'Cluster'>,
  { address, username, password }: RedisSettings,
  tls: TlsOptions | undefined,
  changes: ClientChanges = {},
): IoRedisClient {
  const common: IoRedis.RedisOptions = {
    ...FAIL_SOON,
    connectTimeout: CONNECT_TIMEOUT_MS,
    autoResendUnfulfilledCommands: false,
    ...changes,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
  const retryStrategy = pauseBefore;
  switch (address.kind) {
    case 'single': {
      const { host, port, database: db } = address;
      return tidied(new Redis({ ...common, host, port, db, retryStrategy }));
    }
    case 'sentinel': {
      const { hosts: sentinels, master: name, database: db } = address;
      const strategies = { retryStrategy, sentinelRetryStrategy: pauseBefore };
      const tlsToo = sentinelTls(common);
      return tidied(new Redis({ ...common, ...tlsToo, ...strategies, sentinels, name, db }));
    }
    case 'cluster':
      return new Cluster(address.hosts, {
        redisOptions: common,
        enableOfflineQueue: common.enableOfflineQueue ?? false,
        clusterRetryStrategy: pauseBefore,
        // Addresses that a cluster gives are those its certificates are for.
        dnsLookup: (host, callback) => {
          callback(null, host);
        },
      });
  }
}

/**
 * When a connection ends while an answer is still to come, ioredis lets the timer of `socketTimeout`
 * run on: it would break the next connection, and hold a process that has nothing more to do.
 */
function tidied(client: IoRedis.Redis): IoRedis.Redis {
  client.on('close', () => {
    clearTimeout(Reflect.get(client, 'socketTimeoutTimer') as NodeJS.Timeout | undefined);
    Reflect.set(client, 'socketTimeoutTimer', undefined);
  });
  // BullMQ has one of its own for what it waits for.
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (...given) => tidied(duplicate(...given));
  return client;
}

/** Without these, whoever asks for TLS would talk to sentinels and to their master in the clear. */
function sentinelTls({ tls }: IoRedis.RedisOptions): IoRedis.RedisOptions {
  return tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true };
}

const SCAN_STEP = 1000;

const scanSchema = z.tuple([z.string(), z.array(z.string())]);

/**
 * All keys that match, on every member of a cluster.
 *
 * @throws SageCrmError `REDIS_UNAVAILABLE`
 */
export async function scanKeys(client: IoRedisClient, pattern: string): Promise<string[]> {
  const found = new Set<string>();
  try {
    // A cluster knows its members once it has answered.
    await client.call('ping');
    for (const member of 'nodes' in client ? client.nodes('master') : [client]) {
      let cursor = '0';
      do {
        const answer = await member.call('scan', cursor, 'MATCH', pattern, 'COUNT', SCAN_STEP);
        const [next, keys] = scanSchema.parse(answer);
        for (const key of keys) found.add(key);
        cursor = next;
      } while (cursor !== '0');
    }
  } catch (error) {
    throw redisUnavailable(error);
  }
  return [...found].sort();
}
