import type { RecordEvent } from '../../../../src/event/event';

/** The event of a created account, but for what a test is about. */
export function eventOf(change: Partial<RecordEvent>): RecordEvent {
  return {
    eventId: 'event',
    eventType: 'CREATED',
    objectType: 'accounts',
    objectId: '1',
    date: '2026-01-31T09:00:00Z',
    pollDate: '2026-01-31T10:00:00Z',
    elementKey: 'sagecrm',
    hubKey: 'crm',
    instanceName: '',
    tags: [],
    ...change,
  };
}
