import { checkEvents, type Envelope } from './envelope';
import { standardWebhooksHeaders, standardWebhooksKeys } from './signature';

/**
 * `{type, timestamp, data}` as Standard Webhooks recommends: `type` such as `sagecrm.accounts.created`,
 * `timestamp` the record's updated date, `data` the record with the event's description added as
 * `event`.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @param signatureKey up to two `whsec_` secrets, see `standardWebhooksKeys`
 * @throws SageCrmError `CONFIG_INVALID` when it is not
 */
export function standardWebhooksEnvelope(signatureKey = ''): Envelope {
  const keys = standardWebhooksKeys(signatureKey);
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
        headersFor: (attemptAt) => standardWebhooksHeaders(event.eventId, body, attemptAt, keys),
      };
    },
  };
}
