import type { NodeAPI, NodeDef } from 'node-red';
import {
  configCredentialsSchema,
  configPropertiesSchema,
  type ConfigCredentials,
} from '../../src/config/config-properties';
import { parseOrThrow } from '../../src/config/problems';
import { parseServerAddress } from '../../src/config/server-address';
import { systemClock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { createAgents } from '../../src/http/agents';
import { CrmClient } from '../../src/sagecrm/client';
import { ServerSource } from '../../src/sagecrm/server-source';
import { resolveZone } from '../../src/template/zone';
import { readNetwork } from '../runtime/network';
import type { SageCrmConfigNode, SageCrmServer } from '../runtime/server';

type ConfigNode = SageCrmConfigNode & { credentials?: Partial<ConfigCredentials> };

/** A server takes few connections well; each node's poller needs one at a time. */
const MOST_CONNECTIONS = 4;

function createServer(RED: NodeAPI, node: ConfigNode, definition: NodeDef): SageCrmServer {
  const properties = parseOrThrow(configPropertiesSchema, definition);
  const logOn = parseOrThrow(configCredentialsSchema, node.credentials, 'credentials');
  const address = parseServerAddress(properties.subdomain);
  const timeoutMs = properties.timeout * 1000;
  const zone = resolveZone(properties.timezone);
  const client = new CrmClient({
    address,
    logOn,
    agents: createAgents({
      ...readNetwork(RED, properties),
      env: process.env,
      maxSockets: MOST_CONNECTIONS,
      connectTimeoutMs: timeoutMs,
    }),
    timeoutMs,
    clock: systemClock(),
  });
  const { api, install } = properties;
  return {
    instanceName: properties.name || new URL(address.baseUrl).host,
    tags: properties.tags,
    zone,
    client,
    source: new ServerSource({ client, api, install, zone }),
  };
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType<ConfigNode, NodeDef, object, Partial<ConfigCredentials>>(
    'sagecrm-config',
    function (this: ConfigNode, definition: NodeDef) {
      RED.nodes.createNode(this, definition);
      try {
        const server = createServer(RED, this, definition);
        this.server = server;
        this.on('close', () => {
          server.client.close();
        });
      } catch (error) {
        if (!(error instanceof SageCrmError)) throw error;
        this.server = error;
        this.error(error);
      }
    },
    {
      credentials: {
        username: { type: 'text' },
        password: { type: 'password' },
        userSecret: { type: 'password' },
        organizationSecret: { type: 'password' },
        elementToken: { type: 'password' },
      },
    },
  );
};
