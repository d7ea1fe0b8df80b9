import { createHash } from 'node:crypto';
import { SageCrmError } from '../../errors/sagecrm-error';
import type { EventMessage } from '../event';

export type EnvelopeFormat = 'open-connectors' | 'standard-webhooks' | 'cloudevents';

/** How a CloudEvent travels over HTTP: as one JSON object, in headers and body, or in a JSON array. */
export type CloudEventsMode = 'structured' | 'binary' | 'batch';

/** As long as an event id: 144 bits. */
const BATCH_ID_LENGTH = 24;

/** One or more events, all of one resource. */
export type EventMessages = readonly [EventMessage, ...EventMessage[]];

export interface EnvelopeContext {
  /** Stands for the Open Connectors instance: the id of the poll node. */
  instanceId: string;
  /** Wall-clock time, ms since the Unix epoch. */
  now: number;
}

/** A webhook ready to send. The body is fixed; only headers may depend on the attempt. */
export interface RenderedEnvelope {
  /** The id that the receiver can drop repeats by: the same over all attempts. */
  id: string;
  contentType: string;
  body: string;
  /** @param attemptAt wall-clock time of the attempt, ms since the Unix epoch */
  headersFor: (attemptAt: number) => Record<string, string>;
}

/** How events are put into the body and headers of a webhook. */
export interface Envelope {
  readonly format: EnvelopeFormat;
  /** How many events one webhook may carry. */
  readonly maxEvents: number;
  /** @throws SageCrmError `INPUT_INVALID` for too many events, or events of several resources */
  render(messages: EventMessages, context: EnvelopeContext): RenderedEnvelope;
}

/** Refuses what a single webhook cannot carry. */
export function checkEvents(messages: EventMessages, maxEvents: number): void {
  const [first] = messages;
  if (messages.length > maxEvents) {
    throw new SageCrmError(
      'INPUT_INVALID',
      `${messages.length} events do not fit into one webhook`,
      `send at most ${maxEvents} at once`,
    );
  }
  if (messages.some(({ event }) => event.objectType !== first.event.objectType)) {
    throw new SageCrmError(
      'INPUT_INVALID',
      'One webhook cannot carry events of several resources',
      'send the events of each resource apart',
    );
  }
}

/**
 * The id of a webhook: that of its event. Several events make an id of all of theirs, so that a batch
 * put together anew with one more event is not taken for a repeat of the first.
 */
export function webhookId(messages: EventMessages): string {
  const [{ event }] = messages;
  if (messages.length === 1) return event.eventId;
  const ids = messages.map((message) => message.event.eventId);
  const digest = createHash('sha256').update(JSON.stringify(ids)).digest('base64url');
  return digest.slice(0, BATCH_ID_LENGTH);
}
