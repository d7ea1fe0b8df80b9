import type { Node, NodeAPI } from 'node-red';
import { z } from 'zod';
import { parseOrThrow } from '../../src/config/problems';
import { fillInEnvironment } from './environment';

type Values = Readonly<Record<string, unknown>>;

/** A node as its edit dialog holds it, deployed or not, with environment variables filled in. */
export interface EditedNode {
  properties: Values;
  /** The properties of the deployed node with the same id, if there is one. */
  deployed: Values | undefined;
  /**
   * The credentials of the form. Those that are left out, or that the form does not know, are those of
   * the deployed node; undefined when they may not be used.
   *
   * @param mayUseStored whether the form means the same server as the deployed node
   */
  credentials: (mayUseStored: boolean) => Values | undefined;
  /** Fills in the variables of another part of the form. */
  fill: (value: unknown) => unknown;
}

/** What the editor puts into a password field whose value only the runtime knows. */
export const STORED = '__PWRD__';

/** What a dialog holds of its node. */
export const formSchema = z.looseObject(
  {
    properties: z.record(z.string(), z.unknown(), { error: 'expected the properties of the form' }),
    credentials: z.record(z.string(), z.string().max(10_000).nullish()).nullish(),
  },
  { error: 'expected a JSON object' },
);

const bodySchema = formSchema.extend({ id: z.string().max(200).nullish() });

const nodeSchema = z.looseObject({ id: z.string(), type: z.string() });

const valuesSchema = z.record(z.string(), z.unknown());
const storedSchema = z.record(z.string(), z.unknown()).catch({});

/**
 * Reads the body `{id?, properties, credentials?}` that an edit dialog sends.
 *
 * @param credentialNames those of the node type
 * @throws SageCrmError `CONFIG_INVALID` with the path of what is wrong
 */
export function readEditedNode(
  RED: NodeAPI,
  type: string,
  credentialNames: readonly string[],
  body: unknown,
): EditedNode {
  const { id, properties, credentials } = parseOrThrow(bodySchema, body);
  const deployed = deployedNode(RED, type, id ?? '');
  const scope = scopeOf(RED, deployed?.id);
  const fill = (value: unknown): unknown => fillInEnvironment(RED, scope, value);
  const filled = (values: Values): Values => valuesSchema.parse(fill(values));
  const stored = deployed === undefined ? {} : storedCredentials(RED, deployed.id);
  const given = credentials ?? {};
  const fromStore = credentialNames.filter((name) => (given[name] ?? STORED) === STORED);
  const usesStore = fromStore.some((name) => given[name] === STORED || Boolean(stored[name]));
  const merged = {
    ...given,
    ...Object.fromEntries(fromStore.map((name) => [name, stored[name]])),
  };
  return {
    properties: filled(properties),
    deployed: deployed === undefined ? undefined : filled(deployed),
    credentials: (mayUseStored) => (usesStore && !mayUseStored ? undefined : filled(merged)),
    fill,
  };
}

function deployedNode(
  RED: NodeAPI,
  type: string,
  id: string,
): z.output<typeof nodeSchema> | undefined {
  let found: z.output<typeof nodeSchema> | undefined;
  RED.nodes.eachNode((definition: unknown) => {
    const read = nodeSchema.safeParse(definition);
    if (read.success && read.data.id === id && read.data.type === type) found = read.data;
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

function storedCredentials(RED: NodeAPI, id: string): Values {
  return storedSchema.parse(RED.nodes.getCredentials(id));
}
