import type { EventMessage } from '../../../../src/event/event';
import { entryKey } from '../../../../src/poll/changes';
import { STATE_SCHEMA, type Change, type ResourceState } from '../../../../src/store/poll-store';

export const STATE: ResourceState = {
  schema: STATE_SCHEMA,
  cursor: Date.parse('2026-01-31T10:00:00Z'),
  floor: null,
  seenFrom: Date.parse('2026-01-31T09:58:00Z'),
  auditedAt: null,
  phase: 'emitting',
};

/** A change that made a version of a record, the first one unless it is told otherwise. */
export function changeOf(change: {
  id: string;
  hash?: string;
  /** Epoch milliseconds; null for a record without a date. */
  date: number | null;
}): Change {
  const { id, hash = 'hash', date } = change;
  return {
    key: entryKey(date ?? 8.64e15, id, hash),
    objectId: id,
    hash,
    seenUntil: date,
    before: [],
    message: messageOf(id, hash),
  };
}

function messageOf(id: string, hash: string): EventMessage {
  return {
    topic: 'accounts',
    payload: { $key: id, Comp_Name: `Žižka ${hash} 🙂`, Comp_Revenue: null },
    event: {
      eventId: `event-${id}-${hash}`,
      eventType: 'CREATED',
      objectType: 'accounts',
      objectId: id,
      date: '2026-01-31T10:00:00Z',
      pollDate: '2026-01-31T10:00:00Z',
      elementKey: 'sagecrm',
      hubKey: 'crm',
      instanceName: 'main',
      tags: ['t'],
    },
  };
}
