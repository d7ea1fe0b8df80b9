import { DateTime, type Zone } from 'luxon';
import type { Resource } from '../config/resources';
import type { CrmRecord, RecordEvent } from '../event/event';
import { isoDate } from '../event/iso-date';
import { createFieldReader } from '../event/record-fields';
import type { Candidate, RecordReader } from '../poll/candidate';
import { eventTypeOf, isWanted, toChange, type Bounds, type EventContext } from '../poll/changes';
import type { ParsedInstant } from '../template/java-date-pattern';

/** A date of a record, as written and as read. */
export interface PreviewDate {
  field: string;
  /** As the record holds it; null when the record has no such column. */
  raw: unknown;
  /** ISO 8601 in UTC; absent when it could not be read. */
  utc?: string;
  /** The same in the zone of the server, with its offset. */
  local?: string;
  /** Set for a time that the clock showed twice: the later of the two, in UTC. */
  orLater?: string;
}

/**
 * Why a poll would leave a record alone: it is older than the start date, older than the window, or
 * was changed after the poll began.
 */
export type DropReason = 'beforeStart' | 'beforeWindow' | 'afterPoll';

/** What a poll would make of one record that it has never seen. */
export interface PreviewRecord {
  record: CrmRecord;
  /** Empty when the record has no id. */
  id: string;
  updated: PreviewDate;
  created?: PreviewDate;
  /** Absent when the record is dropped. */
  event?: RecordEvent;
  dropped?: DropReason;
}

export interface PreviewContext extends EventContext {
  resource: Resource;
  reader: RecordReader;
  /** The server's zone. */
  zone: Zone;
  bounds: Bounds;
}

/** Reads one record as change detection does, and judges it by the same rules. */
export function previewRecord(record: CrmRecord, context: PreviewContext): PreviewRecord {
  const { reader, resource, zone } = context;
  const candidate = reader.read(record);
  const { updated, created } = candidate;
  const dropped = dropReason(candidate, context);
  return {
    record,
    id: candidate.id,
    updated: previewDate(record, resource.updated.field, updated, zone),
    ...(resource.created && {
      created: previewDate(record, resource.created.field, created, zone),
    }),
    ...(dropped === undefined ? { event: eventOf(candidate, context) } : { dropped }),
  };
}

function eventOf(candidate: Candidate, context: PreviewContext): RecordEvent {
  const type = eventTypeOf(candidate, context.resource, false);
  return toChange(candidate, type, [], context).message.event;
}

/** Each bound is put to the poll's own rule by itself, so that the rule is written only once. */
function dropReason(
  candidate: Candidate,
  { resource, bounds }: PreviewContext,
): DropReason | undefined {
  if (isWanted(candidate, resource, bounds)) return undefined;
  const open: Bounds = { from: null, floor: null, pollBegan: Infinity };
  if (!isWanted(candidate, resource, { ...open, floor: bounds.floor })) return 'beforeStart';
  const isLate = !isWanted(candidate, resource, { ...open, pollBegan: bounds.pollBegan });
  return isLate ? 'afterPoll' : 'beforeWindow';
}

function previewDate(
  record: CrmRecord,
  field: string,
  read: ParsedInstant | undefined,
  zone: Zone,
): PreviewDate {
  const raw = createFieldReader(field).read(record) ?? null;
  if (read === undefined) return { field, raw };
  const { earliest, latest } = read;
  const local = DateTime.fromMillis(earliest, { zone }).toISO({ suppressMilliseconds: true });
  return {
    field,
    raw,
    utc: isoDate(earliest),
    ...(local !== null && { local }),
    ...(latest !== earliest && { orLater: isoDate(latest) }),
  };
}
