import type { CallbackCredentials, CallbackProperties } from '../config/callback-properties';
import { SageCrmError } from '../errors/sagecrm-error';
import { basicAuthorization, mergeHeaders } from './headers';

/** Where webhooks go, and what each of them carries. */
export interface Endpoint {
  /** Without user name, password and fragment. */
  url: URL;
  headers: Readonly<Record<string, string>>;
  /** For one try, from connecting to the end of the answer. */
  timeoutMs: number;
}

/**
 * The endpoint of a callback node. Basic authentication comes from the credentials, else from the
 * URL.
 *
 * @throws SageCrmError `CONFIG_INVALID` when a header and the credentials both log on
 */
export function endpointOf(
  properties: Pick<CallbackProperties, 'url' | 'headers' | 'timeout'>,
  credentials: Pick<CallbackCredentials, 'username' | 'password'>,
): Endpoint {
  const url = new URL(properties.url);
  const authorization = logOn(url, credentials);
  if (authorization !== undefined && hasHeader(properties.headers, 'authorization')) {
    throw new SageCrmError(
      'CONFIG_INVALID',
      'Both the header Authorization and a user name are set',
      'remove one of them in the callback node',
      { details: { field: 'headers.Authorization' } },
    );
  }
  url.username = '';
  url.password = '';
  url.hash = '';
  const own: Record<string, string> =
    authorization === undefined ? {} : { Authorization: authorization };
  return {
    url,
    headers: mergeHeaders(properties.headers, own),
    timeoutMs: properties.timeout * 1000,
  };
}

function logOn(
  url: URL,
  { username, password }: Pick<CallbackCredentials, 'username' | 'password'>,
): string | undefined {
  if (username !== '' || password !== '') return basicAuthorization(username, password);
  if (url.username === '' && url.password === '') return undefined;
  return basicAuthorization(decoded(url.username), decoded(url.password));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hasHeader(headers: Readonly<Record<string, string>>, name: string): boolean {
  return Object.keys(headers).some((key) => key.toLowerCase() === name);
}
