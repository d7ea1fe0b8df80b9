import type { Node, NodeAPI } from 'node-red';
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
import { fillInEnvironment } from '../runtime/environment';

/** A configuration as the edit dialog holds it, checked and completed. */
export interface FormConfiguration {
  properties: ConfigProperties;
  credentials: ConfigCredentials;
  /** Those to be polled; empty when the form sent none. */
  resources: Resource[];
}

/** What the editor puts into a password field whose value only the runtime knows. */
const STORED = '__PWRD__';

const bodySchema = z.object(
  {
    id: z.string().max(200).nullish(),
    properties: z.record(z.string(), z.unknown(), { error: 'expected the properties of the form' }),
    credentials: z.record(z.string(), z.string().max(10_000).nullish()).nullish(),
    resources: z.unknown().optional(),
  },
  { error: 'expected a JSON object' },
);

const deployedSchema = z.looseObject({
  id: z.string(),
  type: z.literal('sagecrm-config'),
  subdomain: z.string(),
});

const storedSchema = z.partialRecord(configCredentialsSchema.keyof(), z.string()).catch({});

/**
 * Reads the body `{id?, properties, credentials?, resources?}`. Credentials that are left out, or
 * that the form does not know, are those of the deployed node with this id, and go only to the
 * server that node is for.
 *
 * @throws SageCrmError `CONFIG_INVALID` with the path of what is wrong
 */
export function readFormBody(RED: NodeAPI, body: unknown): FormConfiguration {
  const form = parseOrThrow(bodySchema, body);
  const deployed = deployedNode(RED, form.id ?? '');
  const scope = scopeOf(RED, deployed?.id);
  const fill = (value: unknown): unknown => fillInEnvironment(RED, scope, value);
  const properties = readProperties(fill(form.properties));
  const stored = deployed === undefined ? {} : storedCredentials(RED, deployed.id);
  const given = form.credentials ?? {};
  const fromStore = configCredentialsSchema.keyof().options.filter((name) => {
    return given[name] === undefined || given[name] === null || given[name] === STORED;
  });
  const usesStore = fromStore.some((name) => given[name] === STORED || Boolean(stored[name]));
  if (usesStore && !isSameServer(fill(deployed?.subdomain), properties.subdomain)) {
    throw passwordNeeded();
  }
  const merged = {
    ...given,
    ...Object.fromEntries(fromStore.map((name) => [name, stored[name]])),
  };
  const credentials = parseOrThrow(configCredentialsSchema, fill(merged), 'credentials');
  return { properties, credentials, resources: readResources(fill(form.resources)) };
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

function deployedNode(RED: NodeAPI, id: string): z.output<typeof deployedSchema> | undefined {
  let found: z.output<typeof deployedSchema> | undefined;
  RED.nodes.eachNode((definition: unknown) => {
    const read = deployedSchema.safeParse(definition);
    if (read.success && read.data.id === id) found = read.data;
  });
  return found;
}

/**
 * The node that variables are looked up for: the deployed one, or else Node-RED's own node of the
 * global environment.
 */
function scopeOf(RED: NodeAPI, deployedId: string | undefined): Node | undefined {
  const deployed = deployedId === undefined ? undefined : startedNode(RED, deployedId);
  if (deployed !== undefined) return deployed;
  let global: Node | undefined;
  RED.nodes.eachNode(({ id, type }) => {
    if (type === 'global-config') global = startedNode(RED, id);
  });
  return global;
}

function startedNode(RED: NodeAPI, id: string): Node | undefined {
  const node: unknown = RED.nodes.getNode(id);
  return isNode(node) ? node : undefined;
}

/** Node-RED gives null for a node that is disabled or not there. */
function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function storedCredentials(RED: NodeAPI, id: string): z.output<typeof storedSchema> {
  return storedSchema.parse(RED.nodes.getCredentials(id));
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
