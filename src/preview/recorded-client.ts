import type { CrmClient } from '../sagecrm/client';
import type { Api } from '../sagecrm/source';

/** A request as it went out. */
export interface SentRequest {
  api: Api;
  /** Path and query below the server's base address, percent-encoded. */
  url: string;
}

/** Notes every request that goes through a client; `onSent` is told before it is answered. */
export function recordedClient(
  client: Pick<CrmClient, 'get'>,
  onSent: (request: SentRequest) => void,
): Pick<CrmClient, 'get'> {
  return {
    get(url, api, signal) {
      onSent({ api, url });
      return client.get(url, api, signal);
    },
  };
}
