import type { CallbackCredentials, CallbackProperties } from '../config/callback-properties';
import { isEnvironmentReference } from '../config/fields';
import { createEnvelope } from '../event/envelopes/create-envelope';
import type { EventMessage } from '../event/event';
import { sampleMessage, type SampleSource } from '../event/sample';
import { endpoints } from './endpoint';
import { requestHeaders } from './sender';

/** A request as a callback node would send it, made of sample events. */
export interface RequestPreview {
  method: 'POST';
  url: string;
  /** The value of `Authorization` is left out but for its scheme. */
  headers: Record<string, string>;
  /** JSON, indented for people; what is sent is in one line. */
  body: string;
}

export interface PreviewOptions {
  properties: CallbackProperties;
  /** As typed: the signature key is checked, but never signed with. */
  credentials: CallbackCredentials;
  /** The node has a signature key that is not told. */
  hasStoredKey: boolean;
  source: SampleSource;
  /** Stands for the id of the poll node. */
  instanceId: string;
}

/** Stands in while there is no URL yet, or one that only the runtime knows. */
const SAMPLE_URL = 'https://receiver.example.com/hooks/sagecrm';

/** The same in every preview, so that only what the user changes is seen to change. */
const NOW = Date.UTC(2026, 0, 31, 10, 15, 31);

const INDENT = 2;

/** Sign the samples; a signature shows how long it is, and nothing about the key of the node. */
const FIRST_KEY = keyOf('the new key of a sample');
const BOTH_KEYS = `${FIRST_KEY} ${keyOf('the old key of a sample')}`;

/** @throws SageCrmError `CONFIG_INVALID` for settings that nothing can be sent with */
export function previewRequest(options: PreviewOptions): RequestPreview {
  const { properties, credentials, hasStoredKey, source, instanceId } = options;
  const { format, cloudEventsMode, batchSize } = properties;
  const key = hasStoredKey ? FIRST_KEY : sampleKey(format, credentials.signatureKey);
  const envelope = createEnvelope(format, key, { cloudEventsMode });
  const url = properties.url === '' ? SAMPLE_URL : properties.url;
  const endpoint = endpoints({ ...properties, url }, credentials)('');
  const count = Math.min(batchSize, envelope.maxEvents);
  const others = Array.from({ length: count - 1 }, (_, index) => sample(source, index + 1));
  const webhook = envelope.render([sample(source, 0), ...others], { instanceId, now: NOW });
  return {
    method: 'POST',
    url: endpoint.url.href,
    headers: withoutLogOn(requestHeaders(webhook, endpoint, NOW)),
    body: JSON.stringify(JSON.parse(webhook.body), undefined, INDENT),
  };
}

function sample(source: SampleSource, index: number): EventMessage {
  return sampleMessage(`sample-${index + 1}`, source, NOW, index);
}

/** As many sample keys as the node has; a key that the format cannot use is refused as at start. */
function sampleKey(format: CallbackProperties['format'], key: string): string {
  if (key === '') return '';
  if (isEnvironmentReference(key)) return FIRST_KEY;
  createEnvelope(format, key);
  return /\s/.test(key) ? BOTH_KEYS : FIRST_KEY;
}

function keyOf(text: string): string {
  return `whsec_${Buffer.from(text, 'utf8').toString('base64')}`;
}

function withoutLogOn(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      name.toLowerCase() === 'authorization' ? value.replace(/\S+$/, '…') : value,
    ]),
  );
}
