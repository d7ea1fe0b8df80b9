import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { SageCrmError } from '../../../../src/errors/sagecrm-error';
import { createEnvelope } from '../../../../src/event/envelopes/create-envelope';
import type { EnvelopeFormat } from '../../../../src/event/envelopes/envelope';
import {
  standardWebhooksHeaders,
  standardWebhooksKeys,
} from '../../../../src/event/envelopes/signature';
import type { EventMessage } from '../../../../src/event/event';

function message(changes: Partial<EventMessage['event']> = {}): EventMessage {
  return {
    topic: 'invoices',
    payload: { internalId: '14682', Name: 'Café' },
    event: {
      eventId: 'AWVX9OTIhdQRdI1F7Q7v',
      eventType: 'CREATED',
      objectType: 'invoices',
      objectId: '14682',
      date: '2018-08-20T15:29:06Z',
      pollDate: '2018-08-20T15:29:34.827Z',
      elementKey: 'sagecrm',
      hubKey: 'crm',
      instanceName: 'Local',
      tags: ['Local crm'],
      ...changes,
    },
  };
}

const context = { instanceId: 'a1b2', now: Date.parse('2018-08-20T15:30:07.999Z') };

function hasCode(code: string, field?: string) {
  return (error: unknown): boolean =>
    error instanceof SageCrmError && error.code === code && error.details.field === field;
}

describe('the Open Connectors envelope', () => {
  const envelope = createEnvelope('open-connectors');

  it('has the shape of a captured notification, key by key and in its order', () => {
    const { body, contentType, id } = envelope.render([message()], context);
    assert.equal(contentType, 'application/json');
    assert.equal(id, 'AWVX9OTIhdQRdI1F7Q7v');
    assert.equal(
      body,
      JSON.stringify({
        severity: 'medium',
        createdDate: 'Mon Aug 20 15:30:07 UTC 2018',
        topic: 'instance-a1b2-sagecrm-events',
        action: 'create',
        id: 'AWVX9OTIhdQRdI1F7Q7v',
        message: {
          elementKey: 'sagecrm',
          accountId: 0,
          eventId: 'AWVX9OTIhdQRdI1F7Q7v',
          companyId: 0,
          instanceId: 'a1b2',
          instance_id: 'a1b2',
          instanceName: 'Local',
          instanceTags: ['Local crm'],
          raw: {
            invoices: [{ internalId: '14682', Name: 'Café' }],
            pollDate: 1534778974827,
            objectType: 'invoices',
          },
          userId: 0,
          events: [
            {
              date: '2018-08-20T15:29:06Z',
              elementKey: 'sagecrm',
              pollDate: '2018-08-20T15:29:34.827Z',
              eventType: 'CREATED',
              hubKey: 'crm',
              objectId: '14682',
              objectType: 'invoices',
            },
          ],
        },
        user: 'notifications@sagecrm.invalid',
      }),
    );
  });

  it('pads the day of its date as Java does', () => {
    const now = Date.parse('2026-02-01T03:04:05Z');
    const { body } = envelope.render([message()], { ...context, now });
    assert.match(body, /"createdDate":"Sun Feb 01 03:04:05 UTC 2026"/);
  });

  it('says create or delete when that holds for every event, else update', () => {
    const deleted = message({ eventType: 'DELETED' });
    const updated = message({ eventType: 'UPDATED' });
    const actionOf = (...[first, ...rest]: [EventMessage, ...EventMessage[]]): string =>
      (JSON.parse(envelope.render([first, ...rest], context).body) as { action: string }).action;
    assert.equal(actionOf(updated), 'update');
    assert.equal(actionOf(message(), updated), 'update');
    assert.equal(actionOf(message(), message()), 'create');
    assert.equal(actionOf(deleted, deleted), 'delete');
    assert.equal(actionOf(message(), deleted), 'update');
  });

  it('carries up to ten events of one resource', () => {
    const [first, ...rest] = Array.from({ length: 10 }, (_, n) => message({ objectId: String(n) }));
    assert.ok(first);
    const parsed = JSON.parse(envelope.render([first, ...rest], context).body) as {
      message: { events: { objectId: string }[]; raw: { invoices: unknown[] } };
    };
    assert.deepEqual(
      parsed.message.events.map(({ objectId }) => objectId),
      ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    );
    assert.equal(parsed.message.raw.invoices.length, 10);
    assert.throws(
      () => envelope.render([first, ...rest, message()], context),
      hasCode('INPUT_INVALID'),
    );
    assert.throws(
      () => envelope.render([message(), message({ objectType: 'accounts' })], context),
      hasCode('INPUT_INVALID'),
    );
  });

  it('has an id of all its events when there are several', () => {
    const second = message({ eventId: 'second' });
    const idsOf = (...[first, ...rest]: [EventMessage, ...EventMessage[]]): Set<string> => {
      const { body, id } = envelope.render([first, ...rest], context);
      const parsed = JSON.parse(body) as { id: string; message: { eventId: string } };
      return new Set([id, parsed.id, parsed.message.eventId]);
    };
    const [both, ...others] = idsOf(message(), second);
    assert.match(both ?? '', /^[\w-]{24}$/);
    assert.deepEqual(others, []);
    assert.deepEqual(idsOf(message(), second), new Set([both]));
    assert.ok(!idsOf(message(), second, message({ eventId: 'third' })).has(both ?? ''));
    assert.ok(!idsOf(message()).has(both ?? ''));
  });

  it('is unsigned without a key', () => {
    assert.deepEqual(envelope.render([message()], context).headersFor(0), {});
  });

  it('takes any text as its key, spaces included', () => {
    const rendered = createEnvelope('open-connectors', 'one two three').render(
      [message()],
      context,
    );
    const digest = createHmac('sha256', 'one two three').update(rendered.body).digest('base64');
    assert.equal(rendered.headersFor(0)['Elements-Webhook-Signature'], `sha256=${digest}`);
  });

  it('is signed over the bytes of the body, the same for every try', () => {
    const rendered = createEnvelope('open-connectors', 'kéy').render([message()], context);
    const expected = createHmac('sha256', Buffer.from('kéy', 'utf8'))
      .update(Buffer.from(rendered.body, 'utf8'))
      .digest('base64');
    const headers = {
      'Elements-Webhook-Id': 'AWVX9OTIhdQRdI1F7Q7v',
      'Elements-Webhook-Signature': `sha256=${expected}`,
    };
    assert.deepEqual(rendered.headersFor(0), headers);
    assert.deepEqual(rendered.headersFor(99_000), headers);
  });
});

describe('the Standard Webhooks envelope', () => {
  const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

  it('has a type, a timestamp and the record with its event', () => {
    const { body, contentType, id } = createEnvelope('standard-webhooks').render(
      [message()],
      context,
    );
    assert.equal(contentType, 'application/json');
    assert.equal(id, 'AWVX9OTIhdQRdI1F7Q7v');
    assert.deepEqual(JSON.parse(body), {
      type: 'sagecrm.invoices.created',
      timestamp: '2018-08-20T15:29:06Z',
      data: { internalId: '14682', Name: 'Café', event: message().event },
    });
  });

  it('reproduces the example signature of the Standard Webhooks project', () => {
    assert.deepEqual(
      standardWebhooksHeaders(
        'msg_p5jXN8AQM9LWM0D4loKWxJek',
        '{"test": 2432232314}',
        1614265330_999,
        standardWebhooksKeys(SECRET),
      ),
      {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      },
    );
  });

  it('signs each try anew under the same id', () => {
    const rendered = createEnvelope('standard-webhooks', SECRET).render([message()], context);
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    for (const seconds of [1_000, 1_060]) {
      const headers = rendered.headersFor(seconds * 1000);
      const signed = `AWVX9OTIhdQRdI1F7Q7v.${seconds}.${rendered.body}`;
      assert.deepEqual(headers, {
        'webhook-id': 'AWVX9OTIhdQRdI1F7Q7v',
        'webhook-timestamp': String(seconds),
        'webhook-signature': `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
      });
    }
  });

  it('has an id and a timestamp even without a key', () => {
    const rendered = createEnvelope('standard-webhooks').render([message()], context);
    assert.deepEqual(rendered.headersFor(5_000), {
      'webhook-id': 'AWVX9OTIhdQRdI1F7Q7v',
      'webhook-timestamp': '5',
    });
  });

  it('takes the secret with or without its prefix', () => {
    assert.deepEqual(standardWebhooksKeys(SECRET), standardWebhooksKeys(SECRET.slice(6)));
  });
});

describe('the CloudEvents envelope', () => {
  it('is a structured event of version 1.0 unless told otherwise', () => {
    const { body, contentType, headersFor } = createEnvelope('cloudevents').render(
      [message({ eventType: 'UPDATED' })],
      context,
    );
    assert.equal(contentType, 'application/cloudevents+json');
    assert.deepEqual(headersFor(0), {});
    assert.deepEqual(JSON.parse(body), {
      specversion: '1.0',
      id: 'AWVX9OTIhdQRdI1F7Q7v',
      source: '/sagecrm/a1b2/invoices',
      type: 'com.sagecrm.invoices.updated',
      subject: '14682',
      time: '2018-08-20T15:29:06Z',
      datacontenttype: 'application/json',
      data: { internalId: '14682', Name: 'Café' },
    });
  });

  it('has a source that is a URI whatever the resource is called', () => {
    const { body } = createEnvelope('cloudevents').render(
      [message({ objectType: 'my items' })],
      context,
    );
    assert.match(body, /"source":"\/sagecrm\/a1b2\/my%20items"/);
  });

  it('borrows the headers of Standard Webhooks when there is a key', () => {
    const key = Buffer.from('0123456789abcdef');
    const rendered = createEnvelope('cloudevents', `whsec_${key.toString('base64')}`).render(
      [message()],
      context,
    );
    const signed = `AWVX9OTIhdQRdI1F7Q7v.7.${rendered.body}`;
    assert.deepEqual(rendered.headersFor(7_000), {
      'webhook-id': 'AWVX9OTIhdQRdI1F7Q7v',
      'webhook-timestamp': '7',
      'webhook-signature': `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    });
  });
});

describe('the CloudEvents envelope in binary mode', () => {
  const envelope = createEnvelope('cloudevents', '', { cloudEventsMode: 'binary' });

  it('has the record as its body and the attributes as headers', () => {
    const { body, contentType, headersFor, id } = envelope.render([message()], context);
    assert.equal(id, 'AWVX9OTIhdQRdI1F7Q7v');
    assert.equal(contentType, 'application/json');
    assert.deepEqual(JSON.parse(body), { internalId: '14682', Name: 'Café' });
    assert.deepEqual(headersFor(0), {
      'ce-specversion': '1.0',
      'ce-id': 'AWVX9OTIhdQRdI1F7Q7v',
      'ce-source': '/sagecrm/a1b2/invoices',
      'ce-type': 'com.sagecrm.invoices.created',
      'ce-subject': '14682',
      'ce-time': '2018-08-20T15:29:06Z',
    });
  });

  it('encodes what a header cannot carry, as the HTTP binding says', () => {
    const subjectOf = (objectId: string): string | undefined =>
      envelope.render([message({ objectId })], context).headersFor(0)['ce-subject'];
    assert.equal(subjectOf('Euro € 😀'), 'Euro%20%E2%82%AC%20%F0%9F%98%80');
    assert.equal(subjectOf('"100%"'), '%22100%25%22');
    assert.equal(subjectOf('a\r\nset-cookie: b\u0000\u007f'), 'a%0D%0Aset-cookie:%20b%00%7F');
    assert.equal(subjectOf('\ud800'), '%EF%BF%BD');
    const plain = "!#$&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~";
    assert.equal(subjectOf(plain), plain);
  });

  it('never makes a header that HTTP refuses, and can be decoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (objectId) => {
        const value = envelope.render([message({ objectId })], context).headersFor(0)['ce-subject'];
        assert.match(value ?? '', /^[\x21-\x7e]+$/);
        assert.equal(decodeURIComponent(value ?? ''), objectId);
      }),
    );
  });

  it('carries the signature beside the attributes', () => {
    const signed = createEnvelope('cloudevents', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
      cloudEventsMode: 'binary',
    });
    assert.deepEqual(Object.keys(signed.render([message()], context).headersFor(0)).sort(), [
      'ce-id',
      'ce-source',
      'ce-specversion',
      'ce-subject',
      'ce-time',
      'ce-type',
      'webhook-id',
      'webhook-signature',
      'webhook-timestamp',
    ]);
  });
});

describe('the CloudEvents envelope in batch mode', () => {
  const envelope = createEnvelope('cloudevents', '', { cloudEventsMode: 'batch' });

  it('is an array of structured events, also with one', () => {
    const second = message({ eventId: 'second', objectId: '2' });
    const structured = [message(), second].map(
      (one) => JSON.parse(createEnvelope('cloudevents').render([one], context).body) as unknown,
    );
    const { body, contentType, headersFor } = envelope.render([message(), second], context);
    assert.equal(contentType, 'application/cloudevents-batch+json');
    assert.deepEqual(JSON.parse(body), structured);
    assert.deepEqual(headersFor(0), {});
    const single = envelope.render([message()], context);
    assert.equal(single.id, 'AWVX9OTIhdQRdI1F7Q7v');
    assert.deepEqual(JSON.parse(single.body), structured.slice(0, 1));
  });

  it('carries up to ten events of one resource', () => {
    const rest = Array.from({ length: 9 }, () => message());
    assert.equal(envelope.maxEvents, 10);
    const { body } = envelope.render([message(), ...rest], context);
    assert.equal((JSON.parse(body) as unknown[]).length, 10);
    assert.throws(
      () => envelope.render([message(), ...rest, message()], context),
      hasCode('INPUT_INVALID'),
    );
    assert.throws(
      () => envelope.render([message(), message({ objectType: 'accounts' })], context),
      hasCode('INPUT_INVALID'),
    );
  });
});

describe('a format that is signed as Standard Webhooks', () => {
  const NEW = `whsec_${Buffer.from('the new key').toString('base64')}`;
  const OLD = `whsec_${Buffer.from('the old key').toString('base64')}`;

  for (const format of ['standard-webhooks', 'cloudevents'] satisfies EnvelopeFormat[]) {
    const signatureOf = (key: string): string | undefined =>
      createEnvelope(format, key).render([message()], context).headersFor(0)['webhook-signature'];

    it(`refuses several events at once: ${format}`, () => {
      const envelope = createEnvelope(format);
      assert.equal(envelope.maxEvents, 1);
      assert.throws(
        () => envelope.render([message(), message()], context),
        hasCode('INPUT_INVALID'),
      );
    });

    it(`is signed with both keys while they rotate, the first one first: ${format}`, () => {
      const both = `${signatureOf(NEW) ?? ''} ${signatureOf(OLD) ?? ''}`;
      assert.match(both, /^v1,\S{44} v1,\S{44}$/);
      assert.equal(signatureOf(`${NEW} ${OLD}`), both);
      assert.equal(signatureOf(`\n${NEW}\t\n ${OLD} `), both);
    });

    it(`refuses a third key: ${format}`, () => {
      assert.throws(
        () => createEnvelope(format, `${NEW} ${OLD} ${OLD}`),
        hasCode('CONFIG_INVALID', 'signatureKey'),
      );
    });

    it(`keeps its keys to itself when one of them is bad: ${format}`, () => {
      assert.throws(
        () => createEnvelope(format, `${NEW} whsec_*`),
        (error: unknown) => !inspect(error).includes(NEW.slice('whsec_'.length)),
      );
    });

    for (const key of ['whsec_', 'not base64!', 'abc', 'whsec_a=bc', `${NEW} abc`]) {
      it(`refuses the key "${key}" by the name of its field: ${format}`, () => {
        assert.throws(() => createEnvelope(format, key), hasCode('CONFIG_INVALID', 'signatureKey'));
      });
    }
  }
});
