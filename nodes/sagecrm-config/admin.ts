import type { NodeAPI } from 'node-red';
import { z } from 'zod';
import { parseOrThrow } from '../../src/config/problems';
import { testConnection, type TestStep } from '../../src/discovery/connection-test';
import {
  discoverEntities,
  discoverFields,
  type DiscoveryOptions,
} from '../../src/discovery/entities';
import { withoutSecrets } from '../../src/discovery/test-step';
import { systemClock } from '../../src/effects/clock';
import { postJson, postLines } from '../runtime/admin-routes';
import { createClient } from '../runtime/crm-client';
import { readServerForm, type ServerForm } from '../runtime/server-form';

/**
 * All routes make the runtime call an address from the form, with variables of its environment filled
 * in, so they ask for the right to write: a user who may only look could otherwise send those
 * variables anywhere.
 */
const PERMISSION = 'sagecrm-config.write';

const entitySchema = z.object({
  entity: z
    .string({ error: 'expected the name of an entity' })
    .trim()
    .regex(/^[\w$-]{1,100}$/, { error: 'expected the name of an entity, such as company' }),
});

/**
 * Adds the routes with which the edit dialogs test a configuration and fill their pick-lists. Call it
 * once, when Node-RED loads the module. All take `{id?, properties, credentials?}`:
 *
 * - `POST /sagecrm-config/test`, also with `resources`: one `TestStep` a line, as it is known
 * - `POST /sagecrm-config/entities`: an `EntityList`
 * - `POST /sagecrm-config/fields`, also with `entity`: a `FieldList`
 */
export function addAdminRoutes(RED: NodeAPI): void {
  postLines(RED, { path: '/sagecrm-config/test', permission: PERMISSION }, (body, signal) =>
    testForm(RED, readServerForm(RED, body), signal),
  );
  postJson(RED, { path: '/sagecrm-config/entities', permission: PERMISSION }, (body, signal) =>
    discover(RED, body, (options) => discoverEntities(options, signal)),
  );
  postJson(RED, { path: '/sagecrm-config/fields', permission: PERMISSION }, (body, signal) => {
    const { entity } = parseOrThrow(entitySchema, body);
    return discover(RED, body, (options) => discoverFields({ ...options, entity }, signal));
  });
}

/** Makes the client at once, so that a bad TLS or proxy node is told before the first line. */
function testForm(RED: NodeAPI, form: ServerForm, signal: AbortSignal): AsyncIterable<TestStep> {
  const { resources } = form;
  const options = optionsFor(RED, form);
  const steps = testConnection({ ...options, ...(resources.length > 0 && { resources }) }, signal);
  return closing(options, steps);
}

async function* closing(
  { client }: DiscoveryOptions,
  steps: AsyncIterable<TestStep>,
): AsyncGenerator<TestStep> {
  try {
    yield* steps;
  } finally {
    client.close();
  }
}

async function discover<List>(
  RED: NodeAPI,
  body: unknown,
  ask: (options: DiscoveryOptions) => Promise<List>,
): Promise<List> {
  const form = readServerForm(RED, body);
  const options = optionsFor(RED, form);
  try {
    return await ask(options);
  } catch (error) {
    throw withoutSecrets(error, form.credentials);
  } finally {
    options.client.close();
  }
}

function optionsFor(RED: NodeAPI, form: ServerForm): DiscoveryOptions {
  const { properties, credentials } = form;
  const clock = systemClock();
  const client = createClient(RED, properties, credentials, clock);
  return { client, properties, credentials, clock };
}
