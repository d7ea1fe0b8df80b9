import type { EventMessage } from '../../../../src/event/event';

/** A message of a poll node; `changes` replaces parts of its event. */
export function sampleMessage(changes: Partial<EventMessage['event']> = {}): EventMessage {
  const event: EventMessage['event'] = {
    eventId: 'evt-1',
    eventType: 'CREATED',
    objectType: 'accounts',
    objectId: '43',
    date: '2026-01-31T10:15:00Z',
    pollDate: '2026-01-31T10:15:30Z',
    elementKey: 'sagecrm',
    hubKey: 'crm',
    instanceName: 'Head office',
    tags: ['crm'],
    ...changes,
  };
  return {
    topic: event.objectType,
    payload: { key: event.objectId, Comp_Name: 'Müller & Söhne' },
    event,
  };
}
