import { createHmac } from 'node:crypto';
import { SageCrmError } from '../../errors/sagecrm-error';

const SECRET_PREFIX = 'whsec_';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Base64 of HMAC-SHA256. */
export function hmacBase64(key: string | Buffer, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('base64');
}

/**
 * The key bytes of a Standard Webhooks secret, `whsec_` and base64; the prefix may be missing.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @throws SageCrmError `CONFIG_INVALID` with `details.field` `signatureKey`
 */
export function standardWebhooksKey(secret: string): Buffer {
  const base64 = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  if (base64 === '' || !BASE64.test(base64)) {
    throw new SageCrmError(
      'CONFIG_INVALID',
      'The signature key is not a Standard Webhooks secret',
      'write it as whsec_ followed by the key in base64, as the receiver shows it',
      { details: { field: 'signatureKey' } },
    );
  }
  return Buffer.from(base64, 'base64');
}

/**
 * The three headers of Standard Webhooks; without a key the signature is left out.
 *
 * @param attemptAt ms since the Unix epoch; the header counts seconds
 */
export function standardWebhooksHeaders(
  id: string,
  body: string,
  attemptAt: number,
  key: Buffer | undefined,
): Record<string, string> {
  const timestamp = String(Math.floor(attemptAt / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (key === undefined) return headers;
  const signature = hmacBase64(key, `${id}.${timestamp}.${body}`);
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}
