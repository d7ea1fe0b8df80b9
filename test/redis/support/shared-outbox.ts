import * as bullmq from 'bullmq';
import * as ioredis from 'ioredis';
import { createRedisClient } from '../../../nodes/runtime/redis-client';
import { redisSettings } from '../../../src/config/redis-properties';
import { endpoints } from '../../../src/delivery/endpoint';
import { SharedOutbox } from '../../../src/delivery/shared/shared-outbox';
import type { SharedOutboxOptions } from '../../../src/delivery/shared/shared-outbox-options';
import { httpTransport } from '../../../src/delivery/transport';
import { systemClock } from '../../../src/effects/clock';
import { createEnvelope } from '../../../src/event/envelopes/create-envelope';
import { connect, NO_CREDENTIALS } from './instance';

export type SharedChanges = Partial<SharedOutboxOptions>;

export interface SharedSetup extends SharedChanges {
  redisUrl: string;
  /** Where webhooks go. */
  url: string;
  prefix: string;
}

/** One instance's part of a shared outbox, put together as the node does it. */
export function sharedOutbox({ redisUrl, url, prefix, ...changes }: SharedSetup): SharedOutbox {
  const settings = redisSettings({ redisUrl, redisPrefix: prefix }, NO_CREDENTIALS, {});
  const connection = connect(redisUrl);
  const client = createRedisClient(ioredis, settings, undefined, {
    autoResendUnfulfilledCommands: true,
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
    commandTimeout: undefined,
    socketTimeout: 30_000,
  });
  const clock = systemClock();
  return new SharedOutbox({
    ...{ bullmq, redis: connection, client, prefix, clock },
    node: 'callback',
    random: () => 0.5,
    release: () => {
      client.disconnect();
      connection.close();
    },
    transport: httpTransport({
      ...{ env: {}, allowPrivate: true, connectTimeoutMs: 5_000, clock },
    }),
    envelope: createEnvelope('open-connectors', '', { cloudEventsMode: 'structured' }),
    endpointFor: endpoints({ url, headers: {}, timeout: 5 }, { username: '', password: '' }),
    ...changes,
  });
}
