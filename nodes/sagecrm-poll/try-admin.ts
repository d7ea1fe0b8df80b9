import type { NodeAPI } from 'node-red';
import { z } from 'zod';
import { pollPropertiesSchema } from '../../src/config/poll-properties';
import { parseOrThrow } from '../../src/config/problems';
import { withoutSecrets } from '../../src/discovery/test-step';
import { systemClock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { recordedClient, type SentRequest } from '../../src/preview/recorded-client';
import { tryResource, type TryOutcome } from '../../src/preview/try-resource';
import { ServerSource } from '../../src/sagecrm/server-source';
import type { CrmClient } from '../../src/sagecrm/client';
import { postJson } from '../runtime/admin-routes';
import { createClient, instanceNameOf, sourceRules } from '../runtime/crm-client';
import { fillInEnvironment } from '../runtime/environment';
import { readServerForm, type ServerForm } from '../runtime/server-form';
import { startOf } from './state';

/** What the form gets to show. */
export interface TryAnswer extends TryOutcome {
  /** The request that brought the page. */
  request: SentRequest;
  durationMs: number;
}

/** As the routes of the configuration node: it calls an address of the form. */
const ROUTE = { path: '/sagecrm-poll/try', permission: 'sagecrm-config.write' };

/** The settings of the poll node that say where a first poll begins. */
type Beginning = Pick<z.output<typeof pollPropertiesSchema>, 'start' | 'startDate' | 'overlap'>;

const bodySchema = z.object({
  resource: z.record(z.string(), z.record(z.string(), z.unknown()), {
    error: 'expected one resource by its name',
  }),
  poll: z.record(z.string(), z.unknown()).default({}),
});

/**
 * Adds the route with which the edit dialog reads one page of a resource, as a first poll would. Call
 * it once, when Node-RED loads the module.
 *
 * - `POST /sagecrm-poll/try` takes `{id?, properties, credentials?}` of the server,
 *   `resource: {key: value}` and `poll: {start?, startDate?, overlap?}`, and answers with a
 *   `TryAnswer`
 */
export function addTryRoute(RED: NodeAPI): void {
  postJson(RED, ROUTE, async (body, signal) => {
    const { resource, poll } = parseOrThrow(bodySchema, body);
    const form = readServerForm(RED, withResource(body, resource));
    const beginning = readBeginning(RED, poll);
    const client = createClient(RED, form.properties, form.credentials, systemClock());
    try {
      return await answer(client, form, beginning, signal);
    } catch (error) {
      throw withoutSecrets(error, form.credentials);
    } finally {
      client.close();
    }
  });
}

/** A resource that is switched off can be tried all the same. */
function withResource(body: unknown, resource: z.output<typeof bodySchema>['resource']): object {
  const resources = Object.fromEntries(
    Object.entries(resource).map(([key, value]) => [key, { ...value, enabled: true }]),
  );
  return { ...(body as object), resources };
}

function readBeginning(RED: NodeAPI, poll: Readonly<Record<string, unknown>>): Beginning {
  const { start, startDate, overlap } = poll;
  // The resources are checked with the server; the documented ones stand in for them here.
  return parseOrThrow(
    pollPropertiesSchema,
    fillInEnvironment(RED, undefined, { start, startDate, overlap }),
  );
}

async function answer(
  client: CrmClient,
  { properties, resources: [resource] }: ServerForm,
  beginning: Beginning,
  signal: AbortSignal,
): Promise<TryAnswer> {
  if (resource === undefined) throw noResource();
  const clock = systemClock();
  const sent: SentRequest[] = [];
  const rules = sourceRules(properties);
  const recorded = recordedClient(client, (request) => sent.push(request));
  const began = clock.monotonic();
  const outcome = await tryResource(
    {
      ...{ resource, clock, zone: rules.zone, tags: properties.tags },
      start: startOf(beginning, rules),
      overlapSeconds: beginning.overlap,
      source: new ServerSource({ ...rules, client: recorded }),
      instanceName: instanceNameOf(properties),
    },
    signal,
  );
  const request = sent.at(-1);
  if (request === undefined) throw new Error('a page came without a request');
  return { ...outcome, request, durationMs: Math.round(clock.monotonic() - began) };
}

function noResource(): SageCrmError {
  return new SageCrmError(
    'CONFIG_INVALID',
    'There is no resource to try',
    'send one resource with its name',
    { details: { field: 'resource' } },
  );
}
