import type { Clock } from '../effects/clock';
import type { Random } from '../effects/random';
import type { Envelope } from '../event/envelopes/envelope';
import type { OutboxListeners } from './callback-outbox';
import type { Endpoint } from './endpoint';
import type { Transport } from './transport';

/** What every outbox is made with, wherever it keeps its events. */
export interface OutboxOptions extends OutboxListeners {
  transport: Transport;
  envelope: Envelope;
  /** Throws a `SageCrmError` for a target that nothing can be sent to: its events are given up. */
  endpointFor: (target: string) => Endpoint;
  clock: Clock;
  random: Random;
  /** The wait before each try, in ms; its length is the number of tries, at least one. */
  schedule?: readonly number[];
  /** How many requests are under way at once, over all instances that share the outbox. */
  concurrency?: number;
  /** How many webhooks go out in a second, over all instances; 0: as many as there are. Default: 0. */
  rateLimit?: number;
  /** How many events share a webhook, as far as the envelope lets them. Default: 1. */
  batchSize?: number;
  /** How long a webhook waits for more events; 0: no longer than it must wait anyway. */
  flushMs?: number;
  /** How many dead letters are kept. */
  mostLetters?: number;
  /** How long a dead letter is kept, ms. */
  letterAgeMs?: number;
}
