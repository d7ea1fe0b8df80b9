import { cloudEventsEnvelope } from './cloudevents';
import type { CloudEventsMode, Envelope, EnvelopeFormat } from './envelope';
import { openConnectorsEnvelope } from './open-connectors';
import { standardWebhooksEnvelope } from './standard-webhooks';

/** What only some formats have. */
export interface EnvelopeOptions {
  /** Default: `structured`. */
  cloudEventsMode?: CloudEventsMode;
}

/**
 * The envelope for a callback's `format`.
 *
 * @param signatureKey empty: webhooks go unsigned. Standard Webhooks and CloudEvents take two secrets
 *   separated by white space while keys rotate, the new one first
 * @throws SageCrmError `CONFIG_INVALID` when the key does not suit the format
 */
export function createEnvelope(
  format: EnvelopeFormat,
  signatureKey = '',
  { cloudEventsMode }: EnvelopeOptions = {},
): Envelope {
  switch (format) {
    case 'open-connectors':
      return openConnectorsEnvelope(signatureKey);
    case 'standard-webhooks':
      return standardWebhooksEnvelope(signatureKey);
    case 'cloudevents':
      return cloudEventsEnvelope(signatureKey, cloudEventsMode);
  }
}
