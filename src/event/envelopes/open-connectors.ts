import { DateTime } from 'luxon';
import {
  checkEvents,
  webhookId,
  type Envelope,
  type EnvelopeContext,
  type EventMessages,
} from './envelope';
import { hmacBase64 } from './signature';

/** Open Connectors puts at most ten events into one notification when it polls. */
const MAX_EVENTS = 10;

/**
 * Open Connectors numbers its accounts, companies and users. There are none here; 0 keeps the keys
 * and their type for receivers that read them.
 */
const NO_ACCOUNT = 0;

/** Stands for the sender's mailbox; the domain is reserved, so no mail can ever go there (RFC 2606). */
const SENDER = 'notifications@sagecrm.invalid';

/** `Date.toString()` of Java in UTC, such as `Mon Aug 20 15:30:07 UTC 2018`. */
const JAVA_DATE = "ccc LLL dd HH:mm:ss 'UTC' yyyy";

/**
 * The notification of SAP Open Connectors, key by key, signed with `Elements-Webhook-Signature` when
 * there is a key.
 *
 * Values that have no counterpart here: `id` is the webhook's id, as is `message.eventId`: the event's
 * own where there is one event; `accountId`, `companyId` and `userId` are 0; `user` is a fixed
 * address. `action` is `create` when all events are creations, `delete` when all are deletions, else
 * `update`.
 */
export function openConnectorsEnvelope(signatureKey = ''): Envelope {
  const dates = { created: remembering(javaDate), polled: remembering(epochOf) };
  return {
    format: 'open-connectors',
    maxEvents: MAX_EVENTS,
    render(messages, context) {
      checkEvents(messages, MAX_EVENTS);
      const id = webhookId(messages);
      const body = JSON.stringify(notification(id, messages, context, dates));
      const headers: Record<string, string> =
        signatureKey === ''
          ? {}
          : {
              'Elements-Webhook-Id': id,
              'Elements-Webhook-Signature': `sha256=${hmacBase64(signatureKey, body)}`,
            };
      return {
        id,
        contentType: 'application/json',
        body,
        headersFor: () => ({ ...headers }),
      };
    },
  };
}

/** The dates of a notification: many in a row have the same ones. */
interface Dates {
  created: (epochMs: number) => string;
  polled: (iso: string) => number;
}

/** Remembers the latest result. */
function remembering<Key extends string | number, Result>(
  work: (key: Key) => Result,
): (key: Key) => Result {
  let latest: { key: Key; result: Result } | undefined;
  return (key) => {
    latest = latest?.key === key ? latest : { key, result: work(key) };
    return latest.result;
  };
}

function javaDate(epochMs: number): string {
  return DateTime.fromMillis(epochMs, { zone: 'utc', locale: 'en-US' }).toFormat(JAVA_DATE);
}

function epochOf(iso: string): number {
  return DateTime.fromISO(iso, { zone: 'utc' }).toMillis();
}

function notification(
  id: string,
  messages: EventMessages,
  { instanceId, now }: EnvelopeContext,
  dates: Dates,
): object {
  const [{ event }] = messages;
  return {
    severity: 'medium',
    createdDate: dates.created(Math.floor(now / 1000) * 1000),
    topic: `instance-${instanceId}-sagecrm-events`,
    action: actionOf(messages),
    id,
    message: {
      elementKey: event.elementKey,
      accountId: NO_ACCOUNT,
      eventId: id,
      companyId: NO_ACCOUNT,
      instanceId,
      instance_id: instanceId,
      instanceName: event.instanceName,
      instanceTags: event.tags,
      raw: {
        [event.objectType]: messages.map(({ payload }) => payload),
        pollDate: dates.polled(event.pollDate),
        objectType: event.objectType,
      },
      userId: NO_ACCOUNT,
      events: messages.map((message) => ({
        date: message.event.date,
        elementKey: message.event.elementKey,
        pollDate: message.event.pollDate,
        eventType: message.event.eventType,
        hubKey: message.event.hubKey,
        objectId: message.event.objectId,
        objectType: message.event.objectType,
      })),
    },
    user: SENDER,
  };
}

function actionOf(messages: EventMessages): 'create' | 'update' | 'delete' {
  const types = new Set(messages.map(({ event }) => event.eventType));
  if (types.size > 1) return 'update';
  if (types.has('CREATED')) return 'create';
  return types.has('DELETED') ? 'delete' : 'update';
}
