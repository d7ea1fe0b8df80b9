import type { Resource } from '../config/resources';
import type { CrmRecord, EventMessage, EventType } from '../event/event';
import { eventIdOf } from '../event/fingerprint';
import { isoDate } from '../event/iso-date';
import type { Change, SeenVersion } from '../store/poll-store';
import type { Candidate } from './candidate';

/** The bounds of one poll, epoch milliseconds. */
export interface Bounds {
  /** Lower bound of the window, inclusive; null: none. */
  from: number | null;
  /** Records older than this were there before the node started; null: none are too old. */
  floor: number | null;
  /** When the poll began, in the server's time. */
  pollBegan: number;
}

/**
 * True when a record is this poll's business. A record without a readable date always is: it must
 * not be dropped, and the seen set keeps it from coming twice.
 */
export function isWanted(candidate: Candidate, resource: Resource, bounds: Bounds): boolean {
  const { updated } = candidate;
  if (updated === undefined) return true;
  // In a repeated hour the later reading counts, so that doubt never drops a record.
  if (bounds.floor !== null && updated.latest < bounds.floor) return false;
  if (resource.filterByCurrentDate && updated.earliest > bounds.pollBegan) return false;
  if (!resource.filterByUpdatedDate || bounds.from === null) return true;
  return updated.latest >= bounds.from;
}

/** True when exactly this version was taken over before. */
export function isSeen(candidate: Candidate, versions: readonly SeenVersion[]): boolean {
  return versions.some(([hash]) => hash === candidate.hash);
}

/**
 * Created or updated, as Open Connectors tells them apart: the two dates are equal within the
 * tolerance. A record of which an earlier version was taken over is updated whatever its dates say.
 */
export function eventTypeOf(candidate: Candidate, resource: Resource, isKnown: boolean): EventType {
  const { created, updated } = candidate;
  if (isKnown || created === undefined || updated === undefined) return 'UPDATED';
  const age = Math.abs(updated.earliest - created.earliest);
  return age <= resource.createdCheckTolerance * 1000 ? 'CREATED' : 'UPDATED';
}

/** What every event of a poll has in common. */
export interface EventContext {
  resource: Resource;
  instanceName: string;
  tags: readonly string[];
  pollDate: PollDate;
}

/** When a poll took place, to the second. */
export interface PollDate {
  /** Epoch milliseconds. */
  ms: number;
  /** As its events show it. */
  text: string;
}

/** @param now epoch milliseconds */
export function pollDateAt(now: number): PollDate {
  const ms = Math.floor(now / 1000) * 1000;
  return { ms, text: isoDate(ms) };
}

/**
 * The change that a candidate is.
 *
 * @param before the versions of its record that were seen before
 */
export function toChange(
  candidate: Candidate,
  eventType: EventType,
  before: readonly SeenVersion[],
  context: EventContext,
): Change {
  const { id, hash, updated, created, record, updatedValue } = candidate;
  const { field: updatedField } = context.resource.updated;
  const date = updated?.earliest ?? created?.earliest;
  const message = toMessage(context, {
    eventId: eventIdOf({ fingerprint: hash, updatedField, updated: updatedValue }),
    eventType,
    objectId: id,
    date: date ?? context.pollDate.ms,
    payload: record,
  });
  return {
    // Without any date a record comes last, at a place that stays the same on every poll.
    key: entryKey(date ?? LARGEST_DATE, id, `${rankOf(before)} ${hash}`),
    objectId: id,
    hash,
    // A resource that is not filtered by date may be shown in full on every poll.
    seenUntil: (context.resource.filterByUpdatedDate ? updated?.latest : undefined) ?? null,
    before,
    message,
  };
}

/** Versions of one second come in the order in which they were seen. */
function rankOf(before: readonly SeenVersion[]): string {
  return String(before.length).padStart(2, '0');
}

/** The message for one change; `date` in epoch milliseconds. */
export function toMessage(
  context: EventContext,
  change: {
    eventId: string;
    eventType: EventType;
    objectId: string;
    date: number;
    payload: CrmRecord;
  },
): EventMessage {
  const { eventId, eventType, objectId, date, payload } = change;
  const { key: objectType } = context.resource;
  return {
    topic: objectType,
    payload,
    event: {
      eventId,
      eventType,
      objectType,
      objectId,
      date: isoDate(date),
      pollDate: context.pollDate.text,
      elementKey: 'sagecrm',
      hubKey: 'crm',
      instanceName: context.instanceName,
      tags: [...context.tags],
    },
  };
}

/** The span of dates a key can order; JavaScript dates reach no further. */
const LARGEST_DATE = 8.64e15;
const SECONDS_DIGITS = 14;
const MS_DIGITS = 3;

/**
 * Text that sorts by date, then by id; ids made of digits sort as the numbers they are.
 *
 * @param rest what tells changes of one record and date apart, and orders them
 */
export function entryKey(date: number, id: string, rest: string): string {
  // Apart: a number is not exact to the millisecond for the sum of two large dates.
  const second = Math.floor(date / 1000);
  const seconds = String(second + LARGEST_DATE / 1000).padStart(SECONDS_DIGITS, '0');
  const time = seconds + String(date - second * 1000).padStart(MS_DIGITS, '0');
  const order = /^\d{1,99}$/.test(id) ? `0${String(id.length).padStart(2, '0')}${id}` : `1${id}`;
  return `${time} ${order} ${rest}`;
}
