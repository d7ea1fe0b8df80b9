import { defaultResources } from '../../../../src/config/defaults';
import { parseOrThrow } from '../../../../src/config/problems';
import { resourcesSchema, type RawResource, type Resource } from '../../../../src/config/resources';
import type { CrmRecord } from '../../../../src/event/event';
import { createRecordReader, type Candidate } from '../../../../src/poll/candidate';
import { resolveZone } from '../../../../src/template/zone';

/** The accounts of the documentation, with some settings changed. */
export function accounts(raw: RawResource = {}): Resource {
  const [resource] = parseOrThrow(resourcesSchema, {
    accounts: { ...defaultResources().accounts, ...raw },
  });
  if (resource === undefined) throw new Error('there is no resource');
  return resource;
}

/** Epoch milliseconds of a time on 31 January 2026, such as `10:00:00`. */
export function at(time: string): number {
  return Date.parse(`2026-01-31T${time}Z`);
}

/** A record with its dates, which may be anything; `undefined` leaves a column out. */
export function record(
  key: string | undefined,
  updated: unknown,
  created: unknown = updated,
  more: CrmRecord = {},
): CrmRecord {
  return { key, Comp_UpdatedDate: updated, Comp_CreatedDate: created, ...more };
}

/** The text of a time on 31 January 2026, as Sage CRM writes it. */
export function stamp(time: string): string {
  return `2026-01-31T${time}Z`;
}

export function candidate(row: CrmRecord, resource: Resource = accounts()): Candidate {
  return createRecordReader(resource, resolveZone('UTC')).read(row);
}
