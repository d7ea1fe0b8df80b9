import type { Resource } from '../config/resources';
import type { CrmRecord } from '../event/event';
import { createFingerprint } from '../event/fingerprint';
import { createFieldReader, idText, type FieldReader } from '../event/record-fields';
import { createDateReader, type DateReader } from '../template/record-date';
import type { ParsedInstant } from '../template/java-date-pattern';
import { resolveZone } from '../template/zone';
import type { Zone } from 'luxon';

/** A record as change detection sees it. */
export interface Candidate {
  record: CrmRecord;
  /** '' when the record has no id. */
  id: string;
  /** The fingerprint of this version. */
  hash: string;
  /** The updated date as the record holds it. */
  updatedValue: unknown;
  /** Undefined when it is missing or cannot be read. */
  updated: ParsedInstant | undefined;
  created: ParsedInstant | undefined;
}

/** Finds id, dates and fingerprint in the records of one resource. */
export interface RecordReader {
  read(record: CrmRecord): Candidate;
  hasId(record: CrmRecord): boolean;
  /** True when the record has the column of the updated date at all. */
  hasUpdatedColumn(record: CrmRecord): boolean;
}

export function createRecordReader(resource: Resource, serverZone: Zone): RecordReader {
  const id = createFieldReader(resource.idField);
  const fingerprint = createFingerprint(resource.key);
  const updated = createFieldReader(resource.updated.field);
  const updatedDate = dateReader(resource.updated, serverZone);
  const created = resource.created && {
    field: createFieldReader(resource.created.field),
    date: dateReader(resource.created, serverZone),
  };
  return {
    read(record) {
      const updatedValue = updated.read(record);
      const recordId = idText(id.read(record)) ?? '';
      return {
        record,
        id: recordId,
        hash: fingerprint(record, recordId),
        updatedValue,
        updated: updatedDate.read(updatedValue),
        created: created && readDate(record, created.field, created.date),
      };
    },
    hasId: (record) => idText(id.read(record)) !== undefined,
    hasUpdatedColumn: (record) => updated.read(record) !== undefined,
  };
}

function dateReader(column: Resource['updated'], serverZone: Zone): DateReader {
  const { format, timezone } = column;
  return createDateReader({ format, zone: resolveZone(timezone), serverZone });
}

function readDate(
  record: CrmRecord,
  field: FieldReader,
  date: DateReader,
): ParsedInstant | undefined {
  return date.read(field.read(record));
}
