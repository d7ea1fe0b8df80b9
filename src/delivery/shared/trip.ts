import type { OutboxEntry } from '../../store/outbox-store';
import type { Outcome } from '../outcome';
import type { SharedJob } from './bull-mq';
import type { Load } from './shared-tasks';
import type { Turn } from './turn';

/** A job in the hands of this instance. */
export interface Trip {
  job: SharedJob;
  token: string;
  turn: Turn;
  load: Load;
  /** How many tries there were before this one. */
  attempts: number;
  /** The webhook's id; undefined: there is no webhook. */
  id?: string;
}

/** The same for all events of a webhook. */
export function targetOf({ load }: Trip): string {
  return load.entries[0]?.target ?? '';
}

export function triedOf(
  { attempts, id }: Trip,
  entry: OutboxEntry,
): Pick<Outcome, 'entry' | 'attempts' | 'id'> {
  return {
    entry,
    attempts: id === undefined ? attempts : attempts + 1,
    id: id ?? entry.message.event.eventId,
  };
}
