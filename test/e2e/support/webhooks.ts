import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { CommittedChange } from '../../simulator/commit-log';
import type { Delivery, WebhookReceiver } from '../../simulator/webhook-receiver';

/** What a receiver reads of one event in a webhook in the Open Connectors format. */
export interface ReceivedEvent {
  /** The webhook's id: with one event its own, with several one for all of them. */
  eventId: string;
  /** `create` or `update`. */
  action: string;
  eventType: string;
  objectType: string;
  objectId: string;
  date: string;
  instanceName: string;
}

interface Notification {
  action: string;
  message: {
    eventId: string;
    instanceName: string;
    events: { eventType: string; objectType: string; objectId: string; date: string }[];
  };
}

/** The resource under which each of the simulator's entities is polled. */
const RESOURCE_OF: Readonly<Record<string, string>> = {
  company: 'accounts',
  person: 'contacts',
  lead: 'leads',
  opportunity: 'opportunities',
  users: 'users',
  cases: 'cases',
};

/** Reads a delivery; fails when it is not in the documented shape. */
export function eventsOf(delivery: Delivery): ReceivedEvent[] {
  const { action, message } = delivery.json as Notification;
  assert.ok(message.events.length > 0, 'a webhook without an event');
  const { eventId, instanceName } = message;
  return message.events.map((event) => ({ ...event, action, eventId, instanceName }));
}

/** Reads a delivery of one event. */
export function eventOf(delivery: Delivery): ReceivedEvent {
  const [event, ...others] = eventsOf(delivery);
  assert.ok(event);
  assert.equal(others.length, 0);
  return event;
}

/** The ids under which each change has arrived; deliveries are of one event each. */
export function idsByChange(deliveries: readonly Delivery[]): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>();
  for (const event of deliveries.map(eventOf)) {
    const key = changeKey(event);
    ids.set(key, (ids.get(key) ?? new Set()).add(event.eventId));
  }
  return ids;
}

/** What a receiver that knows the key works out for itself. */
export function signatureOf(delivery: Delivery, key: string): string {
  return `sha256=${createHmac('sha256', key).update(delivery.body).digest('base64')}`;
}

/** Names a change by its record and its updated date, whether committed or received. */
export function changeKey(
  change: CommittedChange | Pick<ReceivedEvent, 'objectType' | 'objectId' | 'date'>,
): string {
  const [resource, id, date] =
    'entity' in change
      ? [RESOURCE_OF[change.entity], change.id, change.stamp]
      : [change.objectType, change.objectId, change.date];
  return `${resource} ${id} ${new Date(date ?? '').toISOString()}`;
}

/** Resolves once each of these changes has been delivered at least once. */
export async function untilDelivered(
  receiver: WebhookReceiver,
  changes: readonly CommittedChange[],
): Promise<void> {
  const missing = new Set(changes.map(changeKey));
  for (let seen = 0; missing.size > 0; seen++) {
    const deliveries = await receiver.waitFor(seen + 1);
    const delivery = deliveries[seen];
    for (const event of delivery ? eventsOf(delivery) : []) missing.delete(changeKey(event));
  }
}
