import * as z from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';

export interface RedisHost {
  host: string;
  port: number;
}

/** What an address says, whatever the kind of service. */
interface Common {
  /** From `rediss`. */
  encrypted: boolean;
  /** From the address itself; environment variables of hosting services hold it there. */
  username?: string;
  password?: string;
}

/** Where Redis is: one server, one that sentinels watch, or a cluster. */
export type RedisAddress =
  | (Common & RedisHost & { kind: 'single'; database: number })
  | (Common & { kind: 'sentinel'; hosts: RedisHost[]; master: string; database: number })
  | (Common & { kind: 'cluster'; hosts: RedisHost[] });

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;

const FORMS =
  'redis://host:6379, rediss:// for TLS, redis+sentinel://host:26379,host:26379/master-name or redis+cluster://host:6379,host:6379';

/** The parts of an address; several hosts are more than a URL can hold. */
const ADDRESS =
  /^(?<scheme>rediss?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<logOn>[^@/]*)@)?(?<hosts>[^/?#@]+)(?:\/(?<path>[^?#]*))?$/i;

const partsSchema = z.object({
  scheme: z.string().toLowerCase(),
  kind: z
    .string()
    .toLowerCase()
    .default('single')
    .pipe(z.enum(['single', 'sentinel', 'cluster'])),
  logOn: z.string().default(''),
  hosts: z.string(),
  path: z.string().default(''),
});

const hostSchema = z.object({
  host: z.string().min(1),
  port: z.coerce.number().int().min(1).max(65_535),
});

const databaseSchema = z.union([z.literal('').transform(() => 0), z.coerce.number().int().min(0)]);

/**
 * Reads the address of a Redis service:
 *
 * - `redis://host:port/database`, `rediss://…` over TLS
 * - `redis+sentinel://host:port,host:port/master/database`, `rediss+sentinel://…`
 * - `redis+cluster://host:port,host:port`, `rediss+cluster://…`
 *
 * each with `user:password@` before the hosts, if need be.
 *
 * @throws SageCrmError `CONFIG_INVALID`, which does not repeat the address: it may hold a password
 */
export function parseRedisAddress(text: string): RedisAddress {
  const parts = partsSchema.safeParse(ADDRESS.exec(text.trim())?.groups);
  if (!parts.success) throw addressError('the Redis URL is not understood');
  const { scheme, kind, logOn, hosts, path } = parts.data;
  const common: Common = { encrypted: scheme === 'rediss', ...readLogOn(logOn) };
  const usualPort = kind === 'sentinel' ? SENTINEL_PORT : REDIS_PORT;
  const found = hosts.split(',').map((host) => readHost(host.trim(), usualPort));
  switch (kind) {
    case 'cluster':
      if (path !== '') throw addressError('a Redis Cluster has no database number');
      return { ...common, kind, hosts: found };
    case 'sentinel': {
      const [master = '', database = ''] = path.split('/');
      if (master === '') throw addressError('the Redis URL lacks the name of the master');
      const name = decoded(master);
      return { ...common, kind, hosts: found, master: name, database: readDatabase(database) };
    }
    case 'single': {
      const [only, ...more] = found;
      if (only === undefined || more.length > 0) {
        throw addressError('the Redis URL names several hosts');
      }
      return { ...common, kind, ...only, database: readDatabase(path) };
    }
  }
}

function readHost(text: string, usualPort: number): RedisHost {
  // An IPv6 address stands in brackets, since it has colons of its own.
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d+))?$/.exec(text);
  const { v6, name, port = usualPort } = match?.groups ?? {};
  const host = hostSchema.safeParse({ host: v6 ?? name, port });
  if (host.success) return host.data;
  throw addressError('the Redis URL has a host or a port that is not understood');
}

function readDatabase(text: string): number {
  const database = databaseSchema.safeParse(text);
  if (database.success) return database.data;
  throw addressError('the Redis URL has a database that is no number');
}

function readLogOn(text: string): Pick<Common, 'username' | 'password'> {
  if (text === '') return {};
  const [username = '', ...rest] = text.split(':');
  const password = rest.join(':');
  return {
    ...(username === '' ? {} : { username: decoded(username) }),
    ...(password === '' ? {} : { password: decoded(password) }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw addressError('the Redis URL has a percent sign that encodes nothing');
  }
}

function addressError(what: string): SageCrmError {
  return new SageCrmError('CONFIG_INVALID', what, `write it as ${FORMS}`, {
    details: { field: 'redisUrl' },
  });
}
