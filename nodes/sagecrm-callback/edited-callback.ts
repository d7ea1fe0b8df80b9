import type { NodeAPI } from 'node-red';
import { z } from 'zod';
import {
  callbackCredentialsSchema,
  callbackPropertiesSchema,
  type CallbackCredentials,
  type CallbackProperties,
} from '../../src/config/callback-properties';
import { isEnvironmentReference } from '../../src/config/fields';
import { parseOrThrow } from '../../src/config/problems';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import type { SampleSource } from '../../src/event/sample';
import { formSchema, readEditedNode, STORED } from '../runtime/edited-node';

/** A callback node as its edit dialog holds it, checked and completed. */
export interface EditedCallback {
  properties: CallbackProperties;
  credentials: CallbackCredentials;
}

const CREDENTIALS = callbackCredentialsSchema.keyof().options;

const MOST_TEXT = 200;

const sampleSchema = z
  .object({
    instanceId: z.string().min(1).max(MOST_TEXT),
    resource: z.string().min(1).max(MOST_TEXT),
    instanceName: z.string().max(MOST_TEXT),
    tags: z.array(z.string().max(MOST_TEXT)).max(MOST_TEXT),
  })
  .catch({ instanceId: 'poll-node', resource: 'accounts', instanceName: '', tags: [] });

/** The poll node that events will come from, as far as the dialog knows it. */
export function readSampleSource(body: unknown): SampleSource & { instanceId: string } {
  const sample: unknown = z.looseObject({ sample: z.unknown() }).safeParse(body).data?.sample;
  return sampleSchema.parse(sample);
}

/**
 * Reads the body `{id?, properties, credentials?}`, to send with. Stored credentials go only to the
 * server that the deployed node's URL names.
 *
 * @throws SageCrmError `CONFIG_INVALID` with the path of what is wrong
 */
export function readEditedCallback(RED: NodeAPI, body: unknown): EditedCallback {
  const edited = readEditedNode(RED, 'sagecrm-callback', CREDENTIALS, body);
  const properties = parseOrThrow(callbackPropertiesSchema, edited.properties);
  const values = edited.credentials(isSameOrigin(edited.deployed?.url, properties.url));
  if (values === undefined) throw secretsNeeded();
  return {
    properties,
    credentials: parseOrThrow(callbackCredentialsSchema, values, 'credentials'),
  };
}

/** A form to show, with what it says of secrets. */
export interface ShownCallback extends EditedCallback {
  /** The form does not know the signature key of the node. */
  hasStoredKey: boolean;
}

/**
 * Reads the same body, to show it. Nothing of the form is filled in, so that a user who may only look
 * learns no variable: a property that is one has its usual value.
 *
 * @throws SageCrmError `CONFIG_INVALID` with the path of what is wrong
 */
export function readShownCallback(body: unknown): ShownCallback {
  const form = parseOrThrow(formSchema, body);
  const known = Object.entries(form.properties).filter(
    ([, value]) => !isEnvironmentReference(value),
  );
  const credentials = parseOrThrow(
    callbackCredentialsSchema,
    form.credentials ?? {},
    'credentials',
  );
  return {
    properties: parseOrThrow(callbackPropertiesSchema, {
      ...Object.fromEntries(known),
      // A callback that is switched off needs no URL yet, and neither does a preview.
      enabled: false,
    }),
    credentials,
    hasStoredKey: credentials.signatureKey === STORED,
  };
}

/** The scheme and the port count, too: a secret for an encrypted server must not go out in the clear. */
function isSameOrigin(deployed: unknown, wanted: string): boolean {
  if (typeof deployed !== 'string' || !URL.canParse(deployed) || !URL.canParse(wanted))
    return false;
  return new URL(deployed).origin === new URL(wanted).origin;
}

function secretsNeeded(): SageCrmError {
  return new SageCrmError(
    'CONFIG_INVALID',
    'The stored signature key and log-on are for another receiver than the one in the form, and are not used for it',
    'type the signature key and the password again, or deploy the node first',
    { details: { field: 'credentials' } },
  );
}
