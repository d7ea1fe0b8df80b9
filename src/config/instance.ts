import * as z from 'zod';
import { webhookHeadersSchema } from './callback-properties';
import { flag, isEnvironmentReference, objectOrJson, textList } from './fields';
import { intervalSchema } from './poll-properties';
import { parseOrThrow, problemsOf, type Problem } from './problems';
import { rawResourcesSchema, resourcesSchema, type RawResources } from './resources';

/**
 * The Open Connectors instance body (`POST /instances`) and the properties of our three nodes. One
 * schema guards both directions: what is read, and what is written back.
 */

const MINUTES = 'expected a number of minutes, such as 15 or "15"';
const URL_TEXT = 'expected a URL, such as https://receiver.example.com/hook';
const headersSchema = objectOrJson(webhookHeadersSchema).optional();

/** Checked like a flow's property, but kept as written. */
function checkedBy(schema: z.ZodType) {
  return (value: unknown, context: z.RefinementCtx): void => {
    for (const { message, path } of schema.safeParse(value).error?.issues ?? []) {
      context.addIssue({ code: 'custom', message, path });
    }
  };
}

const writtenResourcesSchema = rawResourcesSchema.superRefine(checkedBy(resourcesSchema));

const pollerShape = {
  'event.poller.refresh_interval': z
    .union([z.number(), z.string()], { error: MINUTES })
    .refine((value) => isEnvironmentReference(value) || intervalSchema.safeParse(value).success, {
      error: MINUTES,
    })
    .optional(),
  'event.poller.configuration': writtenResourcesSchema,
};

const pollerSchema = z.preprocess(withoutNulls, z.looseObject(pollerShape));

const configurationSchema = z.preprocess(
  withoutNulls,
  z.looseObject(
    {
      subdomain: z.string({ error: 'expected the host of the Sage CRM server' }),
      username: z.string({ error: 'expected text' }).optional(),
      password: z.string({ error: 'expected text' }).optional(),
      'event.notification.enabled': flag(false),
      'event.notification.callback.url': z
        .string({ error: 'expected a URL' })
        .refine((url) => url === '' || isEnvironmentReference(url) || URL.canParse(url), {
          error: URL_TEXT,
        })
        .optional(),
      'event.notification.callback.headers': z
        .unknown()
        .superRefine(checkedBy(headersSchema))
        .optional(),
      'event.notification.signature.key': z.string({ error: 'expected text' }).optional(),
      'event.notification.basic.username': z.string({ error: 'expected text' }).optional(),
      'event.notification.basic.password': z.string({ error: 'expected text' }).optional(),
      ...pollerShape,
    },
    { error: 'expected the configuration of the instance' },
  ),
);

/** Open Connectors answers a setting that nobody made with null. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null));
}

const instanceSchema = z.looseObject(
  {
    element: z.looseObject(
      { key: z.literal('sagecrm', { error: 'expected "sagecrm"' }) },
      { error: 'expected {"key": "sagecrm"}' },
    ),
    configuration: configurationSchema,
    tags: textList().optional(),
    name: z.string({ error: 'expected text' }).nullish(),
  },
  { error: 'expected an Open Connectors instance' },
);

type Instance = z.output<typeof instanceSchema>;

/** What an instance file says about each of our nodes: their properties and credentials. */
export interface NodeProperties {
  config: {
    name?: string;
    subdomain: string;
    tags?: string[];
    credentials: { username?: string; password?: string };
  };
  poll: {
    /** Minutes, as written: a number or its text. */
    interval?: number | string;
    resources: RawResources;
  };
  callback: {
    enabled: boolean;
    url?: string;
    headers?: unknown;
    credentials: { signatureKey?: string; username?: string; password?: string };
  };
}

function toNodeProperties(instance: Instance): NodeProperties {
  const { configuration } = instance;
  return {
    config: {
      name: instance.name ?? undefined,
      subdomain: configuration.subdomain,
      tags: instance.tags,
      credentials: { username: configuration.username, password: configuration.password },
    },
    poll: {
      interval: configuration['event.poller.refresh_interval'],
      resources: configuration['event.poller.configuration'],
    },
    callback: {
      enabled: configuration['event.notification.enabled'],
      url: configuration['event.notification.callback.url'],
      headers: configuration['event.notification.callback.headers'],
      credentials: {
        signatureKey: configuration['event.notification.signature.key'],
        username: configuration['event.notification.basic.username'],
        password: configuration['event.notification.basic.password'],
      },
    },
  };
}

function toInstance({ config, poll, callback }: NodeProperties): unknown {
  return defined({
    element: { key: 'sagecrm' },
    configuration: defined({
      subdomain: config.subdomain,
      username: config.credentials.username,
      password: config.credentials.password,
      'event.notification.enabled': callback.enabled,
      'event.notification.callback.url': callback.url,
      'event.notification.callback.headers': callback.headers,
      'event.notification.signature.key': callback.credentials.signatureKey,
      'event.notification.basic.username': callback.credentials.username,
      'event.notification.basic.password': callback.credentials.password,
      'event.poller.refresh_interval': poll.interval,
      'event.poller.configuration': poll.resources,
    }),
    tags: config.tags,
    name: config.name,
  });
}

/** Leaves out what is undefined, so that a file written back holds no more than the one read. */
function defined<Shape extends object>(shape: Shape): Shape {
  return Object.fromEntries(
    Object.entries(shape).filter(([, value]) => value !== undefined),
  ) as Shape;
}

interface Refused {
  success: false;
  problems: Problem[];
}

export type InstanceResult = { success: true; nodes: NodeProperties } | Refused;

export type PollerResult = { success: true; poll: NodeProperties['poll'] } | Refused;

/** Reads an instance file, given as an object or as JSON text. */
export function readInstance(value: unknown): InstanceResult {
  const parsed = typeof value === 'string' ? parseJson(value) : { value };
  if ('problem' in parsed) return { success: false, problems: [parsed.problem] };
  const result = instanceSchema.safeParse(parsed.value);
  return result.success
    ? { success: true, nodes: toNodeProperties(result.data) }
    : { success: false, problems: problemsOf(result.error) };
}

/** Reads the settings of the poller alone: an object with the keys `event.poller.…`. */
export function readPoller(value: unknown): PollerResult {
  const result = pollerSchema.safeParse(value);
  if (!result.success) return { success: false, problems: problemsOf(result.error) };
  const { 'event.poller.refresh_interval': interval, 'event.poller.configuration': resources } =
    result.data;
  return { success: true, poll: { interval, resources } };
}

/** Reads what an instance keeps as `event.poller.configuration`: resources by name. */
export function readPollerResources(value: unknown): PollerResult {
  const result = writtenResourcesSchema.safeParse(value);
  return result.success
    ? { success: true, poll: { resources: result.data } }
    : { success: false, problems: problemsOf(result.error) };
}

function parseJson(text: string): { value: unknown } | { problem: Problem } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'not JSON';
    return { problem: { path: '', message: `expected JSON (${why})` } };
  }
}

/**
 * Writes node properties as an instance file.
 *
 * @throws SageCrmError `CONFIG_INVALID` when they would not be read back
 */
export function writeInstance(nodes: NodeProperties): Instance {
  return parseOrThrow(instanceSchema, toInstance(nodes));
}
