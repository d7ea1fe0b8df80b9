import { SageCrmError } from '../errors/sagecrm-error';

/** Where a Sage CRM answers: scheme, host, port and base path, without a trailing slash. */
export interface ServerAddress {
  /** Such as `https://crm.example.com` or `http://10.0.0.5:8080/base`. */
  baseUrl: string;
  /** True when the user wrote `http://`, so that nothing is encrypted. */
  insecure: boolean;
}

const NEXT_STEP =
  'write the whole host, such as crm.example.com or crm.example.com:8443, with http:// in front only for a server without TLS';

/**
 * Reads the `subdomain` property: `host`, `host:port`, or either with a base path; `http://` in
 * front is the only way to go without TLS.
 *
 * @throws SageCrmError `CONFIG_INVALID`
 */
export function parseServerAddress(subdomain: string): ServerAddress {
  const text = subdomain.trim();
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const url = parseUrl(written);
  const odd = oddityOf(url, text);
  if (odd !== undefined) throw addressError(odd);
  const path = url.pathname.replace(/\/+$/, '');
  return { baseUrl: `${url.origin}${path}`, insecure: url.protocol === 'http:' };
}

function parseUrl(written: string): URL {
  if (!URL.canParse(written)) throw addressError('it is not a host');
  return new URL(written);
}

function oddityOf(url: URL, text: string): string | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${url.protocol} is not known`;
  if (url.username !== '' || url.password !== '') return 'it holds credentials';
  if (url.search !== '' || url.hash !== '') return 'it holds more than a host and a path';
  if (/^https?:\/(?!\/)/i.test(text)) return 'it is not a host';
  if (text.includes('${')) return 'its environment variable is not set';
  if (/[\s<>"'\\{}]/.test(text)) return 'it holds characters that no host has';
  return undefined;
}

function addressError(why: string): SageCrmError {
  return new SageCrmError('CONFIG_INVALID', `subdomain is not valid (${why})`, NEXT_STEP, {
    details: { field: 'subdomain' },
  });
}
