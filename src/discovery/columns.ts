import type { Zone } from 'luxon';
import { DateTime } from 'luxon';
import type { DateColumn } from '../config/resources';
import type { CrmRecord } from '../event/event';
import { createFieldReader } from '../event/record-fields';
import { compileDatePattern } from '../template/java-date-pattern';
import { createDateReader } from '../template/record-date';
import { resolveZone } from '../template/zone';

/** One date of a record, as written and as read. */
export interface ReadDate {
  value: unknown;
  /** Epoch milliseconds; the earlier one of two in a repeated hour. Undefined when unreadable. */
  at: number | undefined;
  /** Where the zone it was read in comes from: the date itself, the column's format, the server. */
  zoneFrom: 'date' | 'format' | 'server';
}

/** The values of a date column that are there, with their readings. */
export function readDates(
  rows: readonly CrmRecord[],
  column: DateColumn,
  serverZone: Zone,
): ReadDate[] {
  const field = createFieldReader(column.field);
  const zone = resolveZone(column.timezone);
  const reader = createDateReader({ format: column.format, zone, serverZone });
  const pattern = compileDatePattern(column.format);
  return rows
    .map((row) => field.read(row))
    .filter((value) => value !== undefined && value !== null && value !== '')
    .map((value): ReadDate => {
      const at = reader.read(value)?.earliest;
      if (at === undefined || saysInstant(value, at, pattern.hasZone)) {
        return { value, at, zoneFrom: 'date' };
      }
      const fits = pattern.parse(String(value), zone) !== undefined;
      return { value, at, zoneFrom: fits ? 'format' : 'server' };
    });
}

/** True when the value names its instant whatever the zone, and was read as that instant. */
function saysInstant(value: unknown, at: number, patternHasZone: boolean): boolean {
  if (typeof value !== 'string' || patternHasZone || value.startsWith('/Date(')) return true;
  const text = value.trim().replace(' ', 'T');
  return /(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(text) && DateTime.fromISO(text).toMillis() === at;
}

/** The name a column has in the records, in their own case; undefined when it has none. */
export function columnNamed(rows: readonly CrmRecord[], field: string): string | undefined {
  const wanted = field.toLowerCase();
  return columnsOf(rows).find((name) => name.toLowerCase() === wanted);
}

/** Every column of the records, without the feed's own `$…` but with the key. */
export function columnsOf(rows: readonly CrmRecord[]): string[] {
  const names = new Set(
    rows.flatMap((row) => Object.keys(row)).map((name) => (name === '$key' ? 'key' : name)),
  );
  return [...names].filter((name) => !name.startsWith('$'));
}
