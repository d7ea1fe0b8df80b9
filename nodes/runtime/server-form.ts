import type { NodeAPI } from 'node-red';
import { z } from 'zod';
import {
  configCredentialsSchema,
  configPropertiesSchema,
  type ConfigCredentials,
  type ConfigProperties,
} from '../../src/config/config-properties';
import { isEnvironmentReference } from '../../src/config/fields';
import { parseOrThrow } from '../../src/config/problems';
import { resourcesSchema, type Resource } from '../../src/config/resources';
import { parseServerAddress } from '../../src/config/server-address';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { readEditedNode } from './edited-node';

/** A configuration as the edit dialog holds it, checked and completed. */
export interface ServerForm {
  properties: ConfigProperties;
  credentials: ConfigCredentials;
  /** Those to be polled; empty when the form sent none. */
  resources: Resource[];
}

const moreSchema = z.looseObject({ resources: z.unknown().optional() });

const CREDENTIALS = configCredentialsSchema.keyof().options;

/**
 * Reads the body `{id?, properties, credentials?, resources?}`. Credentials that are left out, or
 * that the form does not know, are those of the deployed node with this id, and go only to the
 * server that node is for.
 *
 * @throws SageCrmError `CONFIG_INVALID` with the path of what is wrong
 */
export function readServerForm(RED: NodeAPI, body: unknown): ServerForm {
  const edited = readEditedNode(RED, 'sagecrm-config', CREDENTIALS, body);
  const { resources } = parseOrThrow(moreSchema, body);
  const properties = readProperties(edited.properties);
  const values = edited.credentials(isSameServer(edited.deployed?.subdomain, properties.subdomain));
  if (values === undefined) throw passwordNeeded();
  const credentials = parseOrThrow(configCredentialsSchema, values, 'credentials');
  return { properties, credentials, resources: readResources(edited.fill(resources)) };
}

/** Node-RED takes a variable that is not set for its own name, which would be taken for a host. */
function readProperties(properties: unknown): ConfigProperties {
  const read = parseOrThrow(configPropertiesSchema, properties);
  const unset = Object.entries(read).find(([, value]) => isEnvironmentReference(value));
  if (unset === undefined) return read;
  const [field, name] = unset;
  throw new SageCrmError(
    'CONFIG_INVALID',
    `${field} is ${String(name)}, and there is no such environment variable`,
    'set the variable for Node-RED, or write the value itself',
    { details: { field } },
  );
}

/** The scheme and the port count, too: a secret for an encrypted server must not go out in the clear. */
function isSameServer(deployed: unknown, wanted: string): boolean {
  return typeof deployed === 'string' && originOf(deployed) === originOf(wanted);
}

function originOf(subdomain: string): string | undefined {
  try {
    return new URL(parseServerAddress(subdomain).baseUrl).origin;
  } catch (error) {
    if (!(error instanceof SageCrmError)) throw error;
    return undefined;
  }
}

function passwordNeeded(): SageCrmError {
  return new SageCrmError(
    'CONFIG_INVALID',
    'The stored password is for another server than the one in the form, and is not sent there',
    'type the password and the other secrets again, or deploy the configuration node first',
    { details: { field: 'credentials.password' } },
  );
}

function readResources(resources: unknown): Resource[] {
  const given = z.looseObject({}).safeParse(resources);
  const none = given.success && Object.keys(given.data).length === 0;
  if (resources === undefined || resources === null || none) return [];
  return parseOrThrow(resourcesSchema, resources, 'resources').filter(({ enabled }) => enabled);
}
