import * as ioredis from 'ioredis';
import { createRedisClient } from '../../../nodes/runtime/redis-client';
import { redisSettings } from '../../../src/config/redis-properties';
import { NO_CREDENTIALS } from './instance';

/** Longer than anybody waits here. */
const VERY_LONG_MS = 600_000;

/** Leaves a connection of ours, or of a duplicate, that waits for an answer. It then has nothing to do. */
async function main([redisUrl = '', whose]: readonly string[]): Promise<void> {
  const settings = redisSettings({ redisUrl, redisPrefix: 'client' }, NO_CREDENTIALS, {});
  const original = createRedisClient(ioredis, settings, undefined, {
    ...{ socketTimeout: VERY_LONG_MS, commandTimeout: undefined, enableOfflineQueue: true },
  });
  if (!(original instanceof ioredis.Redis)) throw new Error('it is a cluster');
  const client = whose === 'duplicate' ? original.duplicate() : original;
  await client.ping();
  client.blpop('nothing', 0).catch(() => undefined);
  // Written after it, so that it is on its way.
  setImmediate(() => {
    client.disconnect();
    original.disconnect();
  });
}

void main(process.argv.slice(2));
