import type { RedisConnection } from '../../redis/connection';
import type { OutboxOptions } from '../outbox-options';
import type { BullMq, ConnectionOptions } from './bull-mq';

export interface SharedOutboxOptions extends OutboxOptions {
  bullmq: BullMq;
  /** For short commands; they fail while Redis is away. */
  redis: Pick<RedisConnection, 'command' | 'run'>;
  /** For BullMQ, whose commands wait for Redis. */
  client: ConnectionOptions;
  /** Called when neither connection is needed any more. */
  release: () => void;
  /** What all keys begin with. */
  prefix: string;
  /** The id of the callback node, the same in all instances. */
  node: string;
  /** How long a job belongs to an instance that gives no sign of life. */
  lockMs?: number;
}
