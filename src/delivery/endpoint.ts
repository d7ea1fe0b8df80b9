import type { CallbackCredentials, CallbackProperties } from '../config/callback-properties';
import { SageCrmError } from '../errors/sagecrm-error';
import { hashed } from '../store/outbox-layout';
import { basicAuthorization, mergeHeaders } from './headers';

/** Where webhooks go, and what each of them carries. */
export interface Endpoint {
  /** Without user name, password and fragment. */
  url: URL;
  headers: Readonly<Record<string, string>>;
  /** For one try, from connecting to the end of the answer. */
  timeoutMs: number;
}

type Properties = Pick<CallbackProperties, 'url' | 'headers' | 'timeout'>;
type LogOn = Pick<CallbackCredentials, 'username' | 'password'>;

/**
 * Finds the endpoint for a target: '' is the callback node's own URL, any other text is a URL that
 * takes its place.
 *
 * The node's headers and log-on are secrets between it and its own receiver: a target of another
 * origin gets neither. A node without a URL has them for whatever target it is given.
 *
 * The function throws `CONFIG_INVALID` for '' when the node has no URL, and `INPUT_INVALID` for a
 * target that is not an HTTP URL or that carries a user name.
 *
 * @throws SageCrmError `CONFIG_INVALID` when a header and the credentials both log on
 */
export function endpoints(
  properties: Properties,
  credentials: LogOn,
): (target: string) => Endpoint {
  const own = properties.url === '' ? undefined : new URL(properties.url);
  const headers = headersOf(properties.headers, own, credentials);
  const timeoutMs = properties.timeout * 1000;
  const ownEndpoint = own === undefined ? undefined : { url: bare(own), headers, timeoutMs };
  return (target) => {
    if (target === '') return ownEndpoint ?? noUrl();
    const url = bare(targetUrl(target));
    const isTrusted = own === undefined || url.origin === own.origin;
    return { url, headers: isTrusted ? headers : {}, timeoutMs };
  };
}

function headersOf(
  headers: Readonly<Record<string, string>>,
  url: URL | undefined,
  credentials: LogOn,
): Record<string, string> {
  const authorization = logOn(url, credentials);
  if (authorization === undefined) return mergeHeaders(headers);
  if (hasHeader(headers, 'authorization')) {
    throw new SageCrmError(
      'CONFIG_INVALID',
      'Both the header Authorization and a user name are set',
      'remove one of them in the callback node',
      { details: { field: 'headers.Authorization' } },
    );
  }
  return mergeHeaders(headers, { Authorization: authorization });
}

function targetUrl(target: string): URL {
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new SageCrmError(
      'INPUT_INVALID',
      'The URL of the message is not an HTTP URL',
      'write it as https://example.com/hook in msg.url',
      { details: { field: 'url' } },
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new SageCrmError(
      'INPUT_INVALID',
      'The URL of the message carries a user name or a password',
      'leave them out of msg.url, and set them in a callback node of their own',
      { details: { field: 'url' } },
    );
  }
  return url;
}

function noUrl(): never {
  throw new SageCrmError(
    'CONFIG_INVALID',
    'The message has no URL, and the callback node neither',
    'set the URL in the callback node, or msg.url in each message',
    { details: { field: 'url' } },
  );
}

/** Without user name, password and fragment. */
function bare(url: URL): URL {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  copy.hash = '';
  return copy;
}

/** The credentials of the node, else those in its URL. */
function logOn(url: URL | undefined, { username, password }: LogOn): string | undefined {
  if (username !== '' || password !== '') return basicAuthorization(username, password);
  if (url === undefined || (url.username === '' && url.password === '')) return undefined;
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

/**
 * Tells whether a target still leads to the same URL; not the URL itself, which may hold a secret.
 *
 * @returns '' for a target that nothing can be sent to
 */
export function addressOf(endpointFor: (target: string) => Endpoint, target: string): string {
  try {
    return hashed(endpointFor(target).url.href);
  } catch {
    return '';
  }
}
