import { createHmac } from 'node:crypto';
import { SageCrmError } from '../../errors/sagecrm-error';

const SECRET_PREFIX = 'whsec_';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Base64 of HMAC-SHA256. */
export function hmacBase64(key: string | Buffer, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('base64');
}

/** The new key and the old one, while receivers change over. */
const MAX_KEYS = 2;

/**
 * The keys in a signature key text: none, one, or while keys rotate two Standard Webhooks secrets
 * separated by white space, the new one first. A secret is `whsec_` and base64; the prefix may be
 * missing.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @throws SageCrmError `CONFIG_INVALID` with `details.field` `signatureKey`
 */
export function standardWebhooksKeys(text: string): readonly Buffer[] {
  const secrets = text.split(/\s+/).filter((secret) => secret !== '');
  if (secrets.length > MAX_KEYS) {
    throw keyFault(
      `There are ${secrets.length} signature keys`,
      `write at most ${MAX_KEYS}, the new one first, and remove the old one once the receiver knows the new one`,
    );
  }
  return secrets.map(keyOf);
}

function keyOf(secret: string): Buffer {
  const base64 = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  if (base64 === '' || !BASE64.test(base64)) {
    throw keyFault(
      'The signature key is not a Standard Webhooks secret',
      'write it as whsec_ followed by the key in base64, as the receiver shows it',
    );
  }
  return Buffer.from(base64, 'base64');
}

function keyFault(what: string, nextStep: string): SageCrmError {
  return new SageCrmError('CONFIG_INVALID', what, nextStep, { details: { field: 'signatureKey' } });
}

/**
 * The three headers of Standard Webhooks, with one signature for each key; without a key the
 * signature is left out.
 *
 * @param attemptAt ms since the Unix epoch; the header counts seconds
 */
export function standardWebhooksHeaders(
  id: string,
  body: string,
  attemptAt: number,
  keys: readonly Buffer[],
): Record<string, string> {
  const timestamp = String(Math.floor(attemptAt / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (keys.length === 0) return headers;
  const signatures = keys.map((key) => `v1,${hmacBase64(key, `${id}.${timestamp}.${body}`)}`);
  return { ...headers, 'webhook-signature': signatures.join(' ') };
}
