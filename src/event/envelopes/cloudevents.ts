import { checkEvents, type Envelope } from './envelope';
import { standardWebhooksHeaders, standardWebhooksKey } from './signature';

/**
 * A CloudEvents 1.0 event in structured mode. `source` names the poll node and the resource, so that
 * `source` and `id` together are unique, as the specification asks.
 *
 * CloudEvents has no signature of its own. With a key, the request carries the headers of Standard
 * Webhooks, which sign any body.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 * @throws SageCrmError `CONFIG_INVALID` when the key is not a `whsec_` secret
 */
export function cloudEventsEnvelope(signatureKey = ''): Envelope {
  const key = signatureKey === '' ? undefined : standardWebhooksKey(signatureKey);
  return {
    format: 'cloudevents',
    maxEvents: 1,
    render(messages, { instanceId }) {
      checkEvents(messages, 1);
      const [{ event, payload }] = messages;
      const id = event.eventId;
      const source = ['sagecrm', instanceId, event.objectType].map(encodeURIComponent).join('/');
      const body = JSON.stringify({
        specversion: '1.0',
        id,
        source: `/${source}`,
        type: `com.sagecrm.${event.objectType}.${event.eventType.toLowerCase()}`,
        subject: event.objectId,
        time: event.date,
        datacontenttype: 'application/json',
        data: payload,
      });
      return {
        id,
        contentType: 'application/cloudevents+json',
        body,
        headersFor: (attemptAt) =>
          key === undefined ? {} : standardWebhooksHeaders(id, body, attemptAt, key),
      };
    },
  };
}
