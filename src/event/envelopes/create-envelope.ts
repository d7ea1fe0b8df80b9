import { cloudEventsEnvelope } from './cloudevents';
import type { Envelope, EnvelopeFormat } from './envelope';
import { openConnectorsEnvelope } from './open-connectors';
import { standardWebhooksEnvelope } from './standard-webhooks';

/**
 * The envelope for a callback's `format`.
 *
 * @param signatureKey empty: webhooks go unsigned
 * @throws SageCrmError `CONFIG_INVALID` when the key does not suit the format
 */
export function createEnvelope(format: EnvelopeFormat, signatureKey = ''): Envelope {
  switch (format) {
    case 'open-connectors':
      return openConnectorsEnvelope(signatureKey);
    case 'standard-webhooks':
      return standardWebhooksEnvelope(signatureKey);
    case 'cloudevents':
      return cloudEventsEnvelope(signatureKey);
  }
}
