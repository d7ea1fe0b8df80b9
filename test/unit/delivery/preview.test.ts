import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv2020, { type AnySchemaObject } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { callbackPropertiesSchema } from '../../../src/config/callback-properties';
import { previewRequest, type RequestPreview } from '../../../src/delivery/preview';
import { createEnvelope } from '../../../src/event/envelopes/create-envelope';
import { testMessage } from '../../../src/event/sample';

const SCHEMAS = path.resolve(__dirname, '../../../docs/schemas');
const NOBODY = { signatureKey: '', username: '', password: '' };
const SOURCE = { resource: 'accounts', instanceName: 'Head office', tags: ['crm'] };

const KINDS = [
  ['open-connectors', {}],
  ['standard-webhooks', {}],
  ['cloudevents', {}],
  ['cloudevents', { cloudEventsMode: 'batch' }],
] as const;

function isValid(format: string, options: { cloudEventsMode?: string }, body: string): boolean {
  const ajv = addFormats(new Ajv2020({ strict: true }));
  for (const name of readdirSync(SCHEMAS)) {
    ajv.addSchema(
      JSON.parse(readFileSync(path.join(SCHEMAS, name), 'utf8')) as AnySchemaObject,
      name,
    );
  }
  const name = `${format}${options.cloudEventsMode === 'batch' ? '-batch' : ''}.schema.json`;
  return ajv.validate(name, JSON.parse(body));
}

function preview(properties: object, credentials: object = {}): RequestPreview {
  return previewRequest({
    properties: callbackPropertiesSchema.parse({ url: 'https://example.com/', ...properties }),
    credentials: { ...NOBODY, ...credentials },
    hasStoredKey: false,
    source: SOURCE,
    instanceId: 'poll',
  });
}

describe('samples keep to the documented schemas', () => {
  for (const [format, options] of KINDS) {
    const name = [format, ...Object.values(options)].join(', ');

    it(`in a preview (${name})`, () => {
      const { body } = preview({ format, ...options, batchSize: 10 });
      assert.ok(isValid(format, options, body));
    });

    it(`in a test event (${name})`, () => {
      const message = testMessage('1', SOURCE, 0);
      const context = { instanceId: 'poll', now: 0 };
      const { id, body } = createEnvelope(format, '', options).render([message], context);
      assert.equal(id, 'test-1');
      assert.match(body, /"sagecrmTest":true/);
      assert.ok(isValid(format, options, body));
    });
  }
});

describe('previewRequest', () => {
  it('leaves the log-on out', () => {
    const { headers, url } = preview({ url: 'https://user:hush@example.com/hook' });
    assert.equal(headers.Authorization, 'Basic …');
    assert.equal(url, 'https://example.com/hook');
    const typed = preview({ headers: { authorization: 'Bearer hush' } });
    assert.equal(typed.headers.authorization, 'Bearer …');
  });

  it('shows where a URL would stand that is not there yet', () => {
    assert.match(preview({ url: '', enabled: false }).url, /^https:\/\/receiver\.example\.com\//);
  });

  it('is the same for every key', () => {
    const signature = (signatureKey: string): string | undefined =>
      preview({}, { signatureKey }).headers['Elements-Webhook-Signature'];
    assert.equal(signature('one'), signature('other'));
    assert.equal(signature(''), undefined);
  });
});
