import { randomUUID } from 'node:crypto';
import os from 'node:os';
import type * as IoRedis from 'ioredis';
import type { NodeAPI } from 'node-red';
import type { ConfigProperties } from '../../src/config/config-properties';
import {
  redisSettings,
  type RedisCredentials,
  type RedisSettings,
} from '../../src/config/redis-properties';
import type { TlsOptions } from '../../src/http/agents';
import type { RedisConnection } from '../../src/redis/connection';
import { readTls } from './network';
import { loadRedisLibrary } from './optional-library';
import { createRedisClient, tlsOf, type ClientChanges, type IoRedisClient } from './redis-client';
import { connectRedis } from './redis-connection';
import { userDirOf } from './state-folder';

/** The Redis of a configuration node, for the nodes that keep their state there. */
export interface SharedRedis {
  /** Stands in front of all keys. */
  readonly prefix: string;
  /** This start of this Node-RED, with the name of its machine for whoever reads it. */
  readonly instance: string;
  /** After so long without a sign of life another instance takes over. */
  readonly leaseMs: number;
  /** A connection that all nodes share; it lasts until the configuration node and all users are done. */
  use(): { connection: RedisConnection; done: () => void };
  /** A client of its own, for whoever waits on it; whoever asks closes it. */
  createClient(changes?: ClientChanges): IoRedisClient;
  /** The configuration node has closed. */
  close(): void;
}

/**
 * The Redis that the properties of a configuration node choose; undefined for the embedded store.
 *
 * @throws SageCrmError `CONFIG_INVALID`, or `REDIS_MISSING` without the library
 */
export function createSharedRedis(
  RED: NodeAPI,
  properties: ConfigProperties,
  credentials: RedisCredentials,
): SharedRedis | undefined {
  return properties.store === 'redis' ? openRedis(RED, properties, credentials) : undefined;
}

/**
 * The Redis that the properties describe, whatever store they choose.
 *
 * @throws SageCrmError `CONFIG_INVALID`, or `REDIS_MISSING` without the library
 */
export function openRedis(
  RED: NodeAPI,
  properties: ConfigProperties,
  credentials: RedisCredentials,
): SharedRedis {
  const settings = redisSettings(properties, credentials, process.env);
  const { redisTls } = properties;
  const chosen = redisTls === '' ? undefined : readTls(RED, redisTls, 'redisTls');
  return shareRedis(settings, chosen, userDirOf(RED));
}

/**
 * @param chosen settings of TLS; without them, those of Node.js where the address asks for TLS
 * @param userDir where the library may be installed
 * @throws SageCrmError `REDIS_MISSING` without the library
 */
export function shareRedis(
  settings: RedisSettings,
  chosen: TlsOptions | undefined,
  userDir: string | undefined,
): SharedRedis {
  const tls = tlsOf(settings, chosen);
  const library = loadRedisLibrary(userDir, 'ioredis') as typeof IoRedis;
  const createClient = (changes?: ClientChanges): IoRedisClient =>
    createRedisClient(library, settings, tls, changes);
  let connection: RedisConnection | undefined;
  let users = 0;
  let isClosed = false;
  const closeUnused = (): void => {
    if (!isClosed || users > 0) return;
    connection?.close();
    connection = undefined;
  };
  return {
    prefix: settings.prefix,
    leaseMs: settings.leaseMs,
    instance: `${os.hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    use() {
      connection ??= connectRedis(library, settings, tls);
      users += 1;
      return {
        connection,
        // Node-RED closes the nodes of a flow side by side, and these still give their leases back.
        done: () => {
          users -= 1;
          closeUnused();
        },
      };
    },
    createClient,
    close() {
      isClosed = true;
      closeUnused();
    },
  };
}
