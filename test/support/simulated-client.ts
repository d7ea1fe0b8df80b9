import { parseServerAddress } from '../../src/config/server-address';
import type { Clock } from '../../src/effects/clock';
import { createAgents } from '../../src/http/agents';
import { CrmClient } from '../../src/sagecrm/client';

/** The real client with the log-on of a simulated server, at a URL such as `http://127.0.0.1:8080`. */
export function simulatedClient(url: string, clock: Clock, timeoutMs = 30_000): CrmClient {
  return new CrmClient({
    address: parseServerAddress(url),
    logOn: {
      username: 'crm-user',
      password: 'crm-pass',
      userSecret: '',
      organizationSecret: '',
      elementToken: '',
    },
    agents: createAgents({ env: {} }),
    timeoutMs,
    clock,
  });
}
