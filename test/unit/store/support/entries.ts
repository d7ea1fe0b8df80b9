import type { EventMessage } from '../../../../src/event/event';
import { entryKey } from '../../../../src/poll/changes';
import type { JournalEntry, ResourceState } from '../../../../src/store/poll-store';

export const STATE: ResourceState = {
  schema: 1,
  cursor: Date.parse('2026-01-31T10:00:00Z'),
  floor: null,
  seenFrom: Date.parse('2026-01-31T09:58:00Z'),
  phase: 'emitting',
};

/** A journal entry for a version of a record. */
export function entryOf(change: {
  id: string;
  hash?: string;
  /** Epoch milliseconds; null for a record without a date. */
  date: number | null;
}): JournalEntry {
  const { id, hash = 'hash', date } = change;
  return {
    key: entryKey(date ?? 8.64e15, id, hash),
    objectId: id,
    hash,
    seenUntil: date,
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
