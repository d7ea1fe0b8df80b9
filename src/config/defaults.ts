import type { RawResource, RawResources } from './resources';

const FORMAT = "yyyy-MM-dd'T'HH:mm:ss'Z'";

/** Open Connectors documents these five resources with these very columns (note the lead's case). */
const DOCUMENTED = [
  { key: 'accounts', updated: 'Comp_UpdatedDate', created: 'Comp_CreatedDate' },
  { key: 'contacts', updated: 'Pers_UpdatedDate', created: 'Pers_CreatedDate' },
  { key: 'leads', updated: 'Lead_UpdatedDate', created: 'lead_createddate' },
  { key: 'opportunities', updated: 'Oppo_UpdatedDate', created: 'Oppo_CreatedDate' },
  { key: 'users', updated: 'User_UpdatedDate', created: 'User_CreatedDate' },
] as const;

/** A fresh copy of the five documented resources, keyed by name, exactly as documented. */
export function defaultResources(): RawResources {
  return Object.fromEntries(
    DOCUMENTED.map(({ key, updated, created }): [string, RawResource] => [
      key,
      {
        url: `/hubs/crm/${key}?where=${updated}>'\${gmtDate:${FORMAT}}'`,
        idField: 'key',
        datesConfiguration: {
          updatedDateField: updated,
          updatedDateFormat: FORMAT,
          updatedDateTimezone: 'GMT',
          createdDateField: created,
          createdDateFormat: FORMAT,
          createdDateTimezone: 'GMT',
        },
      },
    ]),
  );
}
