import { SageCrmError } from '../errors/sagecrm-error';
import type { OutboxEntry } from '../store/outbox-store';

interface Tried {
  entry: OutboxEntry;
  /** How many tries there were of the webhook that had the event in it at last. */
  attempts: number;
  /** The webhook's id: the event's own, unless it shared the webhook with others. */
  id: string;
  /** The status of the last answer, where there was one. */
  statusCode?: number;
}

/** What became of one event. */
export type Outcome =
  | (Tried & { status: 'delivered'; statusCode: number })
  | (Tried & {
      status: 'failed';
      error: SageCrmError;
      /** The number of the dead letter it has become. */
      letter: number;
    });

/** Told when a try has failed and another one will follow. */
export interface Retry {
  id: string;
  target: string;
  /** How many events the webhook carries. */
  events: number;
  /** The number of the try to come, from 2. */
  attempt: number;
  delayMs: number;
  error: SageCrmError;
}

/** The error for a webhook whose last try has failed too. */
export function exhausted(attempts: number, last: SageCrmError): SageCrmError {
  const { statusCode } = last.details;
  return new SageCrmError(
    'DELIVERY_FAILED',
    `The webhook was not delivered in ${attempts} tries; at last: ${last.what}`,
    last.nextStep,
    { cause: last, details: statusCode === undefined ? {} : { statusCode } },
  );
}
