import { randomUUID } from 'node:crypto';
import type { NodeAPI } from 'node-red';
import { endpoints, type Endpoint } from '../../src/delivery/endpoint';
import { previewRequest } from '../../src/delivery/preview';
import { tryOut, type Trial } from '../../src/delivery/trial';
import { systemClock } from '../../src/effects/clock';
import { blackOut } from '../../src/errors/black-out';
import { toldError } from '../../src/errors/told-error';
import { createEnvelope } from '../../src/event/envelopes/create-envelope';
import { testMessage } from '../../src/event/sample';
import { postJson } from '../runtime/admin-routes';
import { prepareTransport } from './connection';
import {
  readEditedCallback,
  readSampleSource,
  readShownCallback,
  type EditedCallback,
} from './edited-callback';
import type { TestReport } from './test-report';

/**
 * Adds the routes with which the edit dialog shows and tries what a callback node would send. Call it
 * once, when Node-RED loads the module. Both take `{id?, properties, credentials?, sample?}`:
 *
 * - `POST /sagecrm-callback/preview`: a `RequestPreview`; asks nobody, and knows no stored secret
 * - `POST /sagecrm-callback/test`: sends one event now, past the outbox; a `TestReport`
 */
export function addRequestRoutes(RED: NodeAPI): void {
  postJson(
    RED,
    { path: '/sagecrm-callback/preview', permission: 'sagecrm-callback.read' },
    (body) => {
      const source = readSampleSource(body);
      const { instanceId } = source;
      return Promise.resolve(previewRequest({ ...readShownCallback(body), source, instanceId }));
    },
  );
  postJson(
    RED,
    { path: '/sagecrm-callback/test', permission: 'sagecrm-callback.write' },
    (body, signal) => sendTest(RED, body, signal),
  );
}

async function sendTest(RED: NodeAPI, body: unknown, signal: AbortSignal): Promise<TestReport> {
  const edited = readEditedCallback(RED, body);
  const { properties, credentials } = edited;
  const { format, cloudEventsMode } = properties;
  const { instanceId, ...source } = readSampleSource(body);
  const clock = systemClock();
  const now = clock.now();
  const envelope = createEnvelope(format, credentials.signatureKey, { cloudEventsMode });
  const endpoint = endpoints(properties, credentials)('');
  const webhook = envelope.render([testMessage(randomUUID(), source, now)], { instanceId, now });
  const redact = blackOut(secretsOf(edited, endpoint));
  const transport = prepareTransport(RED, properties, clock)();
  try {
    const trial = await tryOut(webhook, endpoint, { transport, clock }, signal);
    return report(trial, redact);
  } finally {
    transport.close();
  }
}

/** @param redact for the answer: a receiver may repeat what it was sent */
function report({ error, excerpt, ...facts }: Trial, redact: (text: string) => string): TestReport {
  return {
    ...facts,
    ...(excerpt === undefined ? {} : { excerpt: redact(excerpt) }),
    ...(error === undefined ? {} : { error: toldError(error) }),
  };
}

/** Header values, too: they may come from environment variables. */
function secretsOf({ credentials }: EditedCallback, { headers }: Endpoint): string[] {
  const { password, signatureKey } = credentials;
  const keys = signatureKey.split(/\s+/);
  const values = Object.values(headers);
  const logOns = values.map((value) => value.replace(/^(?:Basic|Bearer) /i, ''));
  const bareKeys = keys.map((key) => key.replace(/^whsec_/, ''));
  return [password, signatureKey, ...keys, ...bareKeys, ...values, ...logOns];
}
