import assert from 'node:assert/strict';
import * as ioredis from 'ioredis';
import { createRedisClient } from '../../nodes/runtime/redis-client';
import { redisSettings } from '../../src/config/redis-properties';
import { RedisServer } from '../support/redis-server';
import { until } from '../support/until';
import { NO_CREDENTIALS } from './support/instance';

/** Longer than anybody waits here. */
const VERY_LONG_MS = 600_000;

describe('A client of Redis', () => {
  let server: RedisServer;

  before(async () => {
    server = await RedisServer.start({ isForgetful: true });
  });

  after(() => server.stop());

  for (const [whose, of] of [
    ['its own', (client: ioredis.Redis) => client],
    ['that of its duplicate', (client: ioredis.Redis) => client.duplicate()],
  ] as const) {
    it(`leaves no timer of a connection that ended before an answer had come, ${whose}`, async () => {
      const before = timers();
      const settings = redisSettings(
        { redisUrl: server.url, redisPrefix: 'client' },
        NO_CREDENTIALS,
        {},
      );
      const original = createRedisClient(ioredis, settings, undefined, {
        ...{ socketTimeout: VERY_LONG_MS, commandTimeout: undefined, enableOfflineQueue: true },
      });
      assert.ok(original instanceof ioredis.Redis);
      const client = of(original);
      const waiting = assert.rejects(client.blpop('nothing', 0));
      await until('it waits for an answer', async () =>
        String(await server.ask('client', 'list')).includes('cmd=blpop'),
      );
      client.disconnect();
      original.disconnect();
      await waiting;
      await until('no timer is left', () => timers() <= before);
    });
  }
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
