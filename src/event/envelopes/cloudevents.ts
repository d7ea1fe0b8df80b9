import type { EventMessage } from '../event';
import { checkEvents, webhookId, type CloudEventsMode, type Envelope } from './envelope';
import { standardWebhooksHeaders, standardWebhooksKeys } from './signature';

/** An event in the attributes of CloudEvents 1.0. */
interface CloudEvent {
  /** Everything but the data and its content type, by attribute name. */
  attributes: Record<string, string>;
  data: EventMessage['payload'];
}

/** How one mode puts events on the wire. */
interface Mode {
  maxEvents: number;
  contentType: string;
  bodyOf: (events: readonly [CloudEvent, ...CloudEvent[]]) => string;
  headersOf: (event: CloudEvent) => Record<string, string>;
}

const JSON_TYPE = 'application/json';

const MODES: Readonly<Record<CloudEventsMode, Mode>> = {
  structured: {
    maxEvents: 1,
    contentType: 'application/cloudevents+json',
    bodyOf: ([event]) => JSON.stringify(jsonFormat(event)),
    headersOf: () => ({}),
  },
  binary: {
    maxEvents: 1,
    contentType: JSON_TYPE,
    bodyOf: ([{ data }]) => JSON.stringify(data),
    headersOf: ({ attributes }) =>
      Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [`ce-${name}`, percentEncode(value)]),
      ),
  },
  batch: {
    maxEvents: 10,
    contentType: 'application/cloudevents-batch+json',
    bodyOf: (events) => JSON.stringify(events.map(jsonFormat)),
    headersOf: () => ({}),
  },
};

/**
 * CloudEvents 1.0 over HTTP. `source` names the poll node and the resource, so that `source` and `id`
 * together are unique, as the specification asks.
 *
 * CloudEvents has no signature of its own. With a key, the request carries the headers of Standard
 * Webhooks, which sign any body; in binary mode that leaves out the `ce-` headers.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 * @param signatureKey up to two `whsec_` secrets, see `standardWebhooksKeys`
 * @throws SageCrmError `CONFIG_INVALID` when it is not
 */
export function cloudEventsEnvelope(
  signatureKey = '',
  mode: CloudEventsMode = 'structured',
): Envelope {
  const keys = standardWebhooksKeys(signatureKey);
  const { maxEvents, contentType, bodyOf, headersOf } = MODES[mode];
  return {
    format: 'cloudevents',
    maxEvents,
    render(messages, { instanceId }) {
      checkEvents(messages, maxEvents);
      const id = webhookId(messages);
      const [first, ...rest] = messages;
      const event = cloudEvent(first, instanceId);
      const body = bodyOf([event, ...rest.map((message) => cloudEvent(message, instanceId))]);
      const headers = headersOf(event);
      return {
        id,
        contentType,
        body,
        headersFor: (attemptAt) => ({
          ...headers,
          ...(keys.length === 0 ? {} : standardWebhooksHeaders(id, body, attemptAt, keys)),
        }),
      };
    },
  };
}

function cloudEvent({ event, payload }: EventMessage, instanceId: string): CloudEvent {
  const source = ['sagecrm', instanceId, event.objectType].map(encodeURIComponent).join('/');
  return {
    attributes: {
      specversion: '1.0',
      id: event.eventId,
      source: `/${source}`,
      type: `com.sagecrm.${event.objectType}.${event.eventType.toLowerCase()}`,
      subject: event.objectId,
      time: event.date,
    },
    data: payload,
  };
}

function jsonFormat({ attributes, data }: CloudEvent): object {
  return { ...attributes, datacontenttype: JSON_TYPE, data };
}

/**
 * The value of a `ce-` header: space, double quote, percent and all that is not printable ASCII as
 * percent-encoded UTF-8 (HTTP protocol binding 1.0.2, section 3.1.3.2).
 */
function percentEncode(value: string): string {
  return value.replace(/[^\x21\x23\x24\x26-\x7e]/gu, (character) =>
    Array.from(
      Buffer.from(character, 'utf8'),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );
}
