import { writeInstance } from '../../../src/config/instance';
import { rawResourcesSchema } from '../../../src/config/resources';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { parsedJson } from '../../../src/json/parsed-json';
import { readResources, savedResources } from '../resources/set';
import { flagOf, isObject, textOf } from '../values';

/** A node's properties and credentials by name. */
export type Properties = Readonly<Record<string, unknown>>;

export interface ExportedNodes {
  /** Absent when none is chosen. */
  server?: { node: Properties; credentials: Properties };
  poll: { interval: unknown; resources: unknown };
  callback?: { node: Properties; credentials: Properties };
}

/** Stands for a secret: the editor does not get to know stored ones, and a file is no place for them. */
export const MASKED = '********';

const SECRET_HEADER = /auth|cookie|key|pass|secret|signature|token/i;

/**
 * The nodes as an Open Connectors instance, secrets masked.
 *
 * @throws SageCrmError `CONFIG_INVALID` when they would not be read back
 */
export function exportInstance({ server, poll, callback }: ExportedNodes): unknown {
  const interval = textOf(poll.interval).trim();
  return writeInstance({
    config: {
      name: optionalText(server?.node.name),
      subdomain: textOf(server?.node.subdomain),
      tags: tagsOf(server?.node.tags),
      credentials: {
        username: optionalText(server?.credentials.username),
        password: secret(server?.credentials, 'password'),
      },
    },
    poll: {
      // Text, as the documented bodies have it.
      interval: interval === '' ? undefined : interval,
      resources: resourcesOf(poll.resources),
    },
    callback: {
      enabled: callback !== undefined && flagOf(callback.node.enabled, true),
      url: optionalText(callback?.node.url),
      headers: headersOf(callback?.node.headers),
      credentials: {
        signatureKey: secret(callback?.credentials, 'signatureKey'),
        username: optionalText(callback?.credentials.username),
        password: secret(callback?.credentials, 'password'),
      },
    },
  });
}

function resourcesOf(property: unknown): Record<string, Record<string, unknown>> {
  const rows = readResources(property);
  if (rows !== undefined) return rawResourcesSchema.parse(savedResources(rows));
  throw new SageCrmError(
    'CONFIG_INVALID',
    'resources is not valid: they come from an environment variable',
    'add the resources to the node, then export it',
    { details: { field: 'resources' } },
  );
}

function optionalText(value: unknown): string | undefined {
  const text = textOf(value);
  return text === '' ? undefined : text;
}

function tagsOf(value: unknown): string[] | undefined {
  const items: unknown[] = typeof value === 'string' ? value.split(',') : [value].flat();
  const tags = items.filter((tag): tag is string => typeof tag === 'string' && tag.trim() !== '');
  return tags.length === 0 ? undefined : tags.map((tag) => tag.trim());
}

/** The mask of a secret that is stored, or was just typed; nothing when there is none. */
function secret(credentials: Properties | undefined, name: string): string | undefined {
  const has = credentials?.[`has_${name}`] === true || textOf(credentials?.[name]) !== '';
  return has ? MASKED : undefined;
}

function headersOf(property: unknown): Record<string, string> | undefined {
  const headers = typeof property === 'string' ? parsedJson(property) : property;
  if (!isObject(headers) || Object.keys(headers).length === 0) return undefined;
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      SECRET_HEADER.test(name) ? MASKED : textOf(value),
    ]),
  );
}
