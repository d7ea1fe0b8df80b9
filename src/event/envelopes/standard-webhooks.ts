import { checkEvents, type Envelope } from './envelope';
import { standardWebhooksHeaders, standardWebhooksKey } from './signature';

/**
 * `{type, timestamp, data}` as Standard Webhooks recommends: `type` such as `sagecrm.accounts.created`,
 * `timestamp` the record's updated date, `data` the record with the event's description added as
 * `event`.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @throws SageCrmError `CONFIG_INVALID` when the key is not a `whsec_` secret
 */
export function standardWebhooksEnvelope(signatureKey = ''): Envelope {
  const key = signatureKey === '' ? undefined : standardWebhooksKey(signatureKey);
  return {
    format: 'standard-webhooks',
    maxEvents: 1,
    render(messages) {
      checkEvents(messages, 1);
      const [{ event, payload }] = messages;
      const body = JSON.stringify({
        type: `sagecrm.${event.objectType}.${event.eventType.toLowerCase()}`,
        timestamp: event.date,
        data: { ...payload, event },
      });
      return {
        id: event.eventId,
        contentType: 'application/json',
        body,
        headersFor: (attemptAt) => standardWebhooksHeaders(event.eventId, body, attemptAt, key),
      };
    },
  };
}
