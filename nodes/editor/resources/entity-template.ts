import { defaultResources } from '../../../src/config/defaults';
import { DEFAULT_FORMAT } from '../../../src/config/resources';
import type { DiscoveredField } from '../../../src/discovery/entities';
import { entityOf } from '../../../src/sagecrm/entities';
import { isObject } from '../values';
import type { NamedResource } from './set';

/** A resource to fill in: formats and zones as documented, the columns left open. */
export function emptyResource(): NamedResource {
  const [sample = {}] = Object.values(defaultResources());
  const dates = isObject(sample.datesConfiguration) ? sample.datesConfiguration : {};
  return {
    key: '',
    value: {
      ...sample,
      url: '',
      datesConfiguration: { ...dates, updatedDateField: '', createdDateField: '' },
    },
  };
}

/**
 * A resource for an entity of Sage CRM: as documented where it is one of those, else with the columns
 * that look like its id and its dates. What is not found stays empty.
 *
 * @param fields the columns of the entity, the key first; none when they are not known
 */
export function resourceFor(entity: string, fields: readonly DiscoveredField[]): NamedResource {
  const documented = Object.entries(defaultResources()).find(([key]) =>
    [key, entityOf(key)].includes(entity.toLowerCase()),
  );
  if (documented !== undefined) return { key: documented[0], value: documented[1] };
  const { value } = emptyResource();
  const dates = isObject(value.datesConfiguration) ? value.datesConfiguration : {};
  const updated = columnEndingIn('updateddate', fields);
  const created = columnEndingIn('createddate', fields);
  return {
    key: entity,
    value: {
      ...value,
      url: urlFor(entity, updated),
      idField: fields[0]?.name ?? 'key',
      datesConfiguration: { ...dates, updatedDateField: updated, createdDateField: created },
    },
  };
}

function urlFor(entity: string, updated: string): string {
  const path = `/hubs/crm/${encodeURIComponent(entity)}`;
  return updated === '' ? path : `${path}?where=${updated}>'\${gmtDate:${DEFAULT_FORMAT}}'`;
}

/** Where columns of several tables are there, those with the most common prefix are the entity's own. */
function columnEndingIn(ending: string, fields: readonly DiscoveredField[]): string {
  const found = fields.filter(({ name }) => name.toLowerCase().endsWith(ending));
  const weight = (name: string): number => {
    const prefix = prefixOf(name);
    return fields.filter((other) => prefixOf(other.name) === prefix).length;
  };
  found.sort((one, other) => weight(other.name) - weight(one.name));
  return found[0]?.name ?? '';
}

function prefixOf(name: string): string {
  return name.toLowerCase().split('_', 1)[0] ?? '';
}
