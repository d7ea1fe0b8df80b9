import * as bullmq from 'bullmq';
import * as ioredis from 'ioredis';
import { createRedisClient } from '../../../nodes/runtime/redis-client';
import { redisSettings } from '../../../src/config/redis-properties';
import { endpoints } from '../../../src/delivery/endpoint';
import { SharedOutbox } from '../../../src/delivery/shared/shared-outbox';
import type { SharedOutboxOptions } from '../../../src/delivery/shared/shared-outbox-options';
import { httpTransport, type Transport } from '../../../src/delivery/transport';
import { systemClock } from '../../../src/effects/clock';
import { createEnvelope } from '../../../src/event/envelopes/create-envelope';
import { connect, NO_CREDENTIALS } from './instance';

export type SharedChanges = Partial<SharedOutboxOptions>;

export interface SharedSetup extends SharedChanges {
  redisUrl: string;
  /** Where webhooks go. */
  url: string;
  prefix: string;
  /** Called when a webhook was answered, before the outbox knows. */
  onAnswer?: () => void;
}

/** An instance that stood still may still read the answer. */
const ANSWER_WITHIN_S = 60;

/** One instance's part of a shared outbox, put together as the node does it. */
export function sharedOutbox({
  redisUrl,
  url,
  prefix,
  onAnswer = () => undefined,
  ...changes
}: SharedSetup): SharedOutbox {
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
  const transport = httpTransport({
    ...{ env: {}, allowPrivate: true, connectTimeoutMs: 5_000, clock },
  });
  return new SharedOutbox({
    ...{ bullmq, redis: connection, client, prefix, clock },
    node: 'callback',
    random: () => 0.5,
    release: () => {
      client.disconnect();
      connection.close();
    },
    transport: telling(transport, onAnswer),
    envelope: createEnvelope('open-connectors', '', { cloudEventsMode: 'structured' }),
    endpointFor: endpoints(
      { url, headers: {}, timeout: ANSWER_WITHIN_S },
      { username: '', password: '' },
    ),
    ...changes,
  });
}

function telling(transport: Transport, onAnswer: () => void): Transport {
  return {
    post: async (request) => {
      const answer = await transport.post(request);
      onAnswer();
      return answer;
    },
    close: () => {
      transport.close();
    },
  };
}
