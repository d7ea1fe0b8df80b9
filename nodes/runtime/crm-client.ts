import type { NodeAPI } from 'node-red';
import type { ConfigCredentials, ConfigProperties } from '../../src/config/config-properties';
import { parseServerAddress } from '../../src/config/server-address';
import type { Clock } from '../../src/effects/clock';
import { createAgents } from '../../src/http/agents';
import { RateLimit } from '../../src/http/rate-limit';
import { CrmClient } from '../../src/sagecrm/client';
import type { ServerSourceOptions } from '../../src/sagecrm/server-source';
import { resolveZone } from '../../src/template/zone';
import { readNetwork } from './network';

/** A server takes few connections well; each node's poller needs one at a time. */
const MOST_CONNECTIONS = 4;
/** A server that takes longer to accept a connection is not there. */
const LONGEST_CONNECT_MS = 10_000;

/**
 * A client with connections of its own, by the properties of a configuration node.
 *
 * @throws SageCrmError `CONFIG_INVALID` for an address, TLS or proxy node that is not usable
 */
export function createClient(
  RED: NodeAPI,
  properties: ConfigProperties,
  logOn: ConfigCredentials,
  clock: Clock,
): CrmClient {
  const timeoutMs = properties.timeout * 1000;
  return new CrmClient({
    address: parseServerAddress(properties.subdomain),
    logOn,
    agents: createAgents({
      ...readNetwork(RED, properties),
      env: process.env,
      maxSockets: MOST_CONNECTIONS,
      connectTimeoutMs: Math.min(timeoutMs, LONGEST_CONNECT_MS),
    }),
    timeoutMs,
    rateLimit: new RateLimit(properties.rateLimit, clock),
    clock,
  });
}

/** The name that goes into events: the user's, or else the host. */
export function instanceNameOf({ name, subdomain }: ConfigProperties): string {
  return name || new URL(parseServerAddress(subdomain).baseUrl).host;
}

/** How a source asks the server of a configuration node. */
export function sourceRules({
  api,
  install,
  timezone,
  dateLiteral,
  literalZone,
}: ConfigProperties): Omit<ServerSourceOptions, 'client'> {
  return {
    api,
    install,
    dateLiteral,
    zone: resolveZone(timezone),
    ...(literalZone === '' ? {} : { literalZone: resolveZone(literalZone) }),
  };
}
