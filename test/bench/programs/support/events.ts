import { createEnvelope } from '../../../../src/event/envelopes/create-envelope';
import type { CrmRecord, EventMessage } from '../../../../src/event/event';
import { rowJson } from '../../../backlog/rows';

export const INSTANCE_ID = '6fcb08974837967d';

const DATE = Date.parse('2026-01-31T10:15:00Z');

/** Open Connectors, signed. */
export const ENVELOPE = createEnvelope('open-connectors', 'a key of some length');

/** Events of as many different records, so that none waits for another. */
export function eventsOf(count: number): EventMessage[] {
  return Array.from({ length: count }, (_, index) => eventOf(index + 1));
}

/** The webhook of one event, about 1.4 kB. */
export function bodyOf(message: EventMessage): Buffer {
  const { body } = ENVELOPE.render([message], { instanceId: INSTANCE_ID, now: DATE });
  return Buffer.from(body);
}

function eventOf(id: number): EventMessage {
  return {
    topic: 'accounts',
    payload: JSON.parse(rowJson({ id, date: DATE })) as CrmRecord,
    event: {
      eventId: String(id).padStart(24, '0'),
      eventType: 'UPDATED',
      objectType: 'accounts',
      objectId: String(id),
      date: '2026-01-31T10:15:00Z',
      pollDate: '2026-01-31T10:15:30Z',
      elementKey: 'sagecrm',
      hubKey: 'crm',
      instanceName: 'Head office',
      tags: ['crm'],
    },
  };
}
