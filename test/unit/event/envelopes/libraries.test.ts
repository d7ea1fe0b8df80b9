import assert from 'node:assert/strict';
import { CloudEvent, HTTP } from 'cloudevents';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { createEnvelope } from '../../../../src/event/envelopes/create-envelope';
import type { CloudEventsMode, RenderedEnvelope } from '../../../../src/event/envelopes/envelope';
import type { EventMessage } from '../../../../src/event/event';

const NEW = `whsec_${Buffer.from('the new key of 24 bytes.').toString('base64')}`;
const OLD = `whsec_${Buffer.from('the old key of 24 bytes.').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('a key of somebody else..').toString('base64')}`;
const MINUTE = 60_000;

function message(objectId: string): EventMessage {
  return {
    topic: 'accounts',
    payload: { key: objectId, Comp_Name: 'Müller & Söhne', Comp_Employees: 12 },
    event: {
      eventId: `event-${objectId}`,
      eventType: 'CREATED',
      objectType: 'accounts',
      objectId,
      date: '2026-01-31T10:15:00Z',
      pollDate: '2026-01-31T10:15:30Z',
      elementKey: 'sagecrm',
      hubKey: 'crm',
      instanceName: 'Head office',
      tags: [],
    },
  };
}

const context = { instanceId: 'a1b2', now: Date.parse('2026-01-31T10:15:31Z') };

describe('the Standard Webhooks library', () => {
  const formats = {
    'standard-webhooks': createEnvelope('standard-webhooks', `${NEW} ${OLD}`),
    'cloudevents structured': createEnvelope('cloudevents', `${NEW} ${OLD}`),
    'cloudevents binary': createEnvelope('cloudevents', `${NEW} ${OLD}`, {
      cloudEventsMode: 'binary',
    }),
    'cloudevents batch': createEnvelope('cloudevents', `${NEW} ${OLD}`, {
      cloudEventsMode: 'batch',
    }),
  };

  for (const [name, envelope] of Object.entries(formats)) {
    describe(`given ${name}`, () => {
      const { body, headersFor } = envelope.render([message('43')], context);

      it('verifies it with each of two keys', () => {
        // The library takes the time from the machine.
        const headers = headersFor(Date.now());
        for (const key of [NEW, OLD]) {
          assert.deepEqual(new Webhook(key).verify(body, headers), JSON.parse(body));
        }
      });

      it('refuses it with another key', () => {
        const headers = headersFor(Date.now());
        assert.throws(() => new Webhook(OTHER).verify(body, headers), WebhookVerificationError);
      });

      it('refuses a changed body, id or time', () => {
        const headers = headersFor(Date.now());
        const changed = [
          { body: body.replace('Söhne', 'Sohn'), headers },
          { body, headers: { ...headers, 'webhook-id': 'another' } },
          { body, headers: { ...headers, 'webhook-timestamp': shifted(headers) } },
        ];
        for (const one of changed) {
          assert.throws(
            () => new Webhook(NEW).verify(one.body, one.headers),
            /No matching signature/,
          );
        }
      });

      it('refuses an attempt of six minutes ago', () => {
        const headers = headersFor(Date.now() - 6 * MINUTE);
        assert.throws(() => new Webhook(NEW).verify(body, headers), /too old/);
      });
    });
  }
});

function shifted(headers: Record<string, string>): string {
  return String(Number(headers['webhook-timestamp']) - 1);
}

describe('the CloudEvents library', () => {
  it('reads a structured event', () => {
    assertEvent(received('structured', message('43')), '43');
  });

  it('reads a binary event', () => {
    assertEvent(received('binary', message('43')), '43');
  });

  it('reads a batch in its order', () => {
    const events = received('batch', message('43'), message('44'));
    assert.ok(Array.isArray(events));
    assert.equal(events.length, 2);
    assertEvent(events[0], '43');
    assertEvent(events[1], '44');
  });
});

function received(mode: CloudEventsMode, first: EventMessage, ...rest: EventMessage[]): unknown {
  const envelope = createEnvelope('cloudevents', NEW, { cloudEventsMode: mode });
  return HTTP.toEvent(asArrived(envelope.render([first, ...rest], context)));
}

/** Header names arrive in lower case. */
function asArrived({ body, contentType, headersFor }: RenderedEnvelope): {
  headers: Record<string, string>;
  body: string;
} {
  return { headers: { 'content-type': contentType, ...headersFor(0) }, body };
}

function assertEvent(event: unknown, objectId: string): void {
  assert.ok(event instanceof CloudEvent);
  assert.ok(event.validate());
  assert.deepEqual(JSON.parse(event.toString()), {
    specversion: '1.0',
    id: `event-${objectId}`,
    source: '/sagecrm/a1b2/accounts',
    type: 'com.sagecrm.accounts.created',
    subject: objectId,
    time: '2026-01-31T10:15:00.000Z',
    datacontenttype: 'application/json',
    data: message(objectId).payload,
  });
}
