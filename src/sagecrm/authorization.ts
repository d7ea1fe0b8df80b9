import type { ConfigCredentials } from '../config/config-properties';
import type { Api } from './source';

/** Who logs on: a user and password, and the three secrets of a hub gateway where there is one. */
export type LogOn = ConfigCredentials;

/**
 * The `Authorization` header for an API. Sage CRM's own API takes Basic only; a hub takes Basic
 * too, or its own form when all three secrets are set.
 */
export function authorizationFor(logOn: LogOn, api: Api): string {
  const { userSecret, organizationSecret, elementToken } = logOn;
  const complete = userSecret !== '' && organizationSecret !== '' && elementToken !== '';
  if (api === 'hub' && complete) {
    return `User ${userSecret}, Organization ${organizationSecret}, Element ${elementToken}`;
  }
  const pair = Buffer.from(`${logOn.username}:${logOn.password}`, 'utf8').toString('base64');
  return `Basic ${pair}`;
}
