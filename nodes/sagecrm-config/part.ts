import type { NodeAPI, NodeDef } from 'node-red';
import {
  configCredentialsSchema,
  configPropertiesSchema,
  type ConfigCredentials,
  type ConfigProperties,
} from '../../src/config/config-properties';
import { parseOrThrow } from '../../src/config/problems';
import { redisCredentialsSchema, type RedisCredentials } from '../../src/config/redis-properties';
import { systemClock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { Readings } from '../../src/poll/readings';
import type { CrmClient } from '../../src/sagecrm/client';
import { ServerSource } from '../../src/sagecrm/server-source';
import { checkTranslatable } from '../../src/sagecrm/translatable';
import { readFinding, writeFinding } from '../../src/store/finding-file';
import { resolveZone } from '../../src/template/zone';
import { createClient, instanceNameOf, sourceRules } from '../runtime/crm-client';
import { asError } from '../runtime/lifecycle';
import { createSharedRedis, openRedis } from '../runtime/redis';
import type { SageCrmConfigNode, SageCrmServer } from '../runtime/server';
import { stateFolder } from '../runtime/state-folder';
import { addAdminRoutes } from './admin';

export type Credentials = Partial<ConfigCredentials & RedisCredentials>;

export type ConfigNode = SageCrmConfigNode & { credentials?: Credentials };

function createServer(RED: NodeAPI, node: ConfigNode, definition: NodeDef): SageCrmServer {
  const properties = parseOrThrow(configPropertiesSchema, definition);
  const logOn = parseOrThrow(configCredentialsSchema, node.credentials, 'credentials');
  const redisLogOn = parseOrThrow(redisCredentialsSchema, node.credentials, 'credentials');
  const zone = resolveZone(properties.timezone);
  const clock = systemClock();
  const redis = createSharedRedis(RED, properties, redisLogOn);
  const client = createClient(RED, properties, logOn, clock);
  const source = createSource(RED, node, properties, client);
  return {
    instanceName: instanceNameOf(properties),
    tags: properties.tags,
    zone,
    readings: new Readings(zone),
    client,
    source,
    redis,
    openRedis: () => openRedis(RED, properties, redisLogOn),
    foundApi: () => (properties.api === 'auto' ? source.api : undefined),
    checkUrl: (resource, url) => {
      // The hub takes clauses as they are, and until the API is found nobody knows.
      if (properties.api === 'sdata') checkTranslatable(resource, url, properties.timezone);
    },
  };
}

function createSource(
  RED: NodeAPI,
  node: ConfigNode,
  properties: ConfigProperties,
  client: CrmClient,
): ServerSource {
  const folder = stateFolder(RED, node);
  return new ServerSource({
    ...sourceRules(properties),
    client,
    finding: readFinding(folder),
    onFound: (finding) => {
      writeFinding(folder, finding).catch((error: unknown) => {
        node.warn(asError(error).message);
      });
    },
  });
}

/** All of `sagecrm-config` but its name and credentials. */
export interface ConfigPart {
  /** Starts a node that Node-RED has made. */
  start(node: ConfigNode, definition: NodeDef): void;
}

/** Adds the routes of the type. Call it once. */
export function openPart(RED: NodeAPI): ConfigPart {
  addAdminRoutes(RED);
  return {
    start(node, definition) {
      try {
        const server = createServer(RED, node, definition);
        node.server = server;
        node.on('close', () => {
          server.client.close();
          server.redis?.close();
        });
      } catch (error) {
        if (!(error instanceof SageCrmError)) throw error;
        node.server = error;
        node.error(error);
      }
    },
  };
}
