import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv2020, { type AnySchemaObject } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { createEnvelope, type EnvelopeOptions } from '../../../src/event/envelopes/create-envelope';
import type { EnvelopeFormat, EventMessages } from '../../../src/event/envelopes/envelope';
import type { EventMessage, RecordEvent } from '../../../src/event/event';
import { isoDate } from '../../../src/event/iso-date';
import { sampleMessage } from '../delivery/support/sample';

const FOLDER = path.resolve(__dirname, '../../../docs/schemas');

interface Described {
  /** The body of a webhook for these events, or the message itself. */
  toBody: (messages: EventMessages, instanceId: string) => unknown;
  /** JSON pointers to what may have any keys, in the body of the sample events. */
  free: readonly string[];
  /** JSON pointers to what may be missing. */
  optional: readonly string[];
}

const SCHEMAS: Readonly<Record<string, Described>> = {
  'message.schema.json': {
    toBody: ([message], instanceId) => ({ ...message, instanceId }),
    free: ['/payload', '/event/changes'],
    optional: ['/event/changes'],
  },
  'open-connectors.schema.json': {
    toBody: bodyOf('open-connectors'),
    free: ['/message/raw/accounts/0', '/message/raw/accounts/1'],
    optional: [],
  },
  'standard-webhooks.schema.json': {
    toBody: bodyOf('standard-webhooks'),
    free: ['/data', '/data/event/changes'],
    optional: ['/data/event/changes'],
  },
  'cloudevents.schema.json': { toBody: bodyOf('cloudevents'), free: ['/data'], optional: [] },
  'cloudevents-batch.schema.json': {
    toBody: bodyOf('cloudevents', { cloudEventsMode: 'batch' }),
    free: ['/0/data', '/1/data'],
    optional: [],
  },
};

function bodyOf(format: EnvelopeFormat, options: EnvelopeOptions = {}) {
  const envelope = createEnvelope(format, '', options);
  return ([first, ...rest]: EventMessages, instanceId: string): unknown => {
    const fitting: EventMessages = [first, ...rest.slice(0, envelope.maxEvents - 1)];
    return JSON.parse(envelope.render(fitting, { instanceId, now: Date.now() }).body);
  };
}

function schemaOf(name: string): AnySchemaObject {
  return JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8')) as AnySchemaObject;
}

const text = fc.string({ unit: 'grapheme' });
const name = fc.string({ unit: 'grapheme', minLength: 1 });
const date = fc
  .date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((at) => isoDate(at.getTime()));
const record = fc.dictionary(
  fc.string().filter((key) => key !== 'event'),
  fc.jsonValue(),
);
const changes = fc.dictionary(
  fc.string(),
  fc.record({ from: fc.jsonValue(), to: fc.jsonValue() }, { noNullPrototype: true }),
);

const eventOf = (objectType: string): fc.Arbitrary<RecordEvent> =>
  fc.record(
    {
      eventId: fc.stringMatching(/^[\w-]{24}$/),
      eventType: fc.constantFrom('CREATED', 'UPDATED', 'DELETED'),
      objectType: fc.constant(objectType),
      objectId: name,
      date,
      pollDate: date,
      elementKey: fc.constant('sagecrm'),
      hubKey: fc.constant('crm'),
      instanceName: text,
      tags: fc.array(text),
      changes,
    },
    {
      noNullPrototype: true,
      requiredKeys: [
        ...(['eventId', 'eventType', 'objectType', 'objectId', 'date', 'pollDate'] as const),
        ...(['elementKey', 'hubKey', 'instanceName', 'tags'] as const),
      ],
    },
  );

const messageOf = (objectType: string): fc.Arbitrary<EventMessage> =>
  fc
    .tuple(record, eventOf(objectType))
    .map(([payload, event]) => ({ topic: objectType, payload, event }));

/** One to ten events of one resource. */
const messages: fc.Arbitrary<EventMessages> = name
  .filter((objectType) => objectType !== 'pollDate' && objectType !== 'objectType')
  .chain((objectType) =>
    fc
      .tuple(messageOf(objectType), fc.array(messageOf(objectType), { maxLength: 9 }))
      .map(([first, rest]): EventMessages => [first, ...rest]),
  );

describe('the JSON Schemas in docs/schemas', () => {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: true,
    strictTuples: true,
    strictRequired: true,
    allErrors: true,
  });
  addFormats(ajv);
  for (const file of Object.keys(SCHEMAS)) ajv.addSchema(schemaOf(file), file);

  const isValid = (file: string, value: unknown): boolean => ajv.validate<unknown>(file, value);

  it('are these', () => {
    assert.deepEqual(readdirSync(FOLDER).sort(), Object.keys(SCHEMAS).sort());
  });

  for (const [file, { toBody, free, optional }] of Object.entries(SCHEMAS)) {
    describe(file, () => {
      const sample = toBody([changedMessage(), changedMessage()], 'poll-1');

      it('has a title and a description, and describes every property', () => {
        const schema = schemaOf(file);
        assert.ok(schema.title && schema.description);
        assert.deepEqual(undescribed(schema), []);
      });

      it('accepts what is sent for any events', () => {
        fc.assert(
          fc.property(messages, name, (all, instanceId) => {
            const body = toBody(all, instanceId);
            assert.ok(isValid(file, body), ajv.errorsText());
          }),
        );
      });

      it('refuses a body that lacks any key', () => {
        assert.ok(isValid(file, sample), ajv.errorsText());
        for (const [at, holder] of objectsOf(sample)) {
          for (const [key, value] of free.includes(at) ? [] : Object.entries(holder)) {
            if (optional.includes(`${at}/${key}`)) continue;
            Reflect.deleteProperty(holder, key);
            assert.ok(!isValid(file, sample), `${at}/${key}`);
            holder[key] = value;
          }
        }
      });

      it('refuses a body with an unknown key anywhere but in a record', () => {
        for (const [at, holder] of objectsOf(sample)) {
          holder.unknown = 1;
          assert.equal(isValid(file, sample), free.includes(at) && !at.endsWith('changes'), at);
          delete holder.unknown;
        }
      });
    });
  }

  it('refuse Standard Webhooks without the event among the columns', () => {
    const body = { type: 'sagecrm.accounts.created', timestamp: '2026-01-31T10:15:00Z' };
    const { event } = changedMessage();
    assert.ok(isValid('standard-webhooks.schema.json', { ...body, data: { event } }));
    assert.ok(!isValid('standard-webhooks.schema.json', { ...body, data: {} }));
  });

  it('refuse an empty batch and one of eleven', () => {
    const body = bodyOf('cloudevents')([changedMessage()], 'poll-1');
    const batch = (size: number): unknown[] => Array.from({ length: size }, () => body);
    assert.ok(isValid('cloudevents-batch.schema.json', batch(10)));
    assert.ok(!isValid('cloudevents-batch.schema.json', batch(0)));
    assert.ok(!isValid('cloudevents-batch.schema.json', batch(11)));
  });
});

/** Every object in a value with its JSON pointer. */
function objectsOf(value: unknown, at = ''): [pointer: string, object: Record<string, unknown>][] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, item]) => objectsOf(item, `${at}/${key}`));
  return Array.isArray(value) ? inner : [[at, value as Record<string, unknown>], ...inner];
}

/** The properties without a description of their own or one behind a reference. */
function undescribed(schema: unknown, pointer = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([keyword, part]) => {
    const inner = undescribed(part, `${pointer}/${keyword}`);
    if (keyword !== 'properties' && keyword !== '$defs') return inner;
    const bare = Object.entries(part as Record<string, AnySchemaObject>)
      .filter(([, property]) => !property.description && !property.$ref)
      .map(([key]) => `${pointer}/${keyword}/${key}`);
    return [...bare, ...inner];
  });
}

function changedMessage(): EventMessage {
  return sampleMessage({
    eventId: 'u6NnbEHKZs9fbhjqS5xrPrHe',
    eventType: 'UPDATED',
    pollDate: '2026-01-31T10:15:30.250Z',
    changes: { Comp_Name: { from: null, to: 'Müller & Söhne' } },
  });
}
