import { flagOf, isObject, numberOrText, textOf } from '../values';

/** A resource as the flow holds it, unknown keys included. */
export type ResourceValue = Record<string, unknown>;

export interface ResourceField {
  name: string;
  /** Where the value lives: in the resource itself, or in its `datesConfiguration`. */
  place: 'resource' | 'dates';
  kind: 'text' | 'number' | 'flag';
  /** For a flag: its value when the resource does not hold it. */
  fallback?: boolean;
  /** For a flag that is kept as one of two texts: those texts. */
  texts?: { on: string; off: string };
  /** Shows the default that an empty field stands for. */
  placeholder?: string;
  /** Saved even when empty, so that the flow shows what is missing. */
  required?: boolean;
}

const DATE_FIELDS = ['Field', 'Format', 'Timezone'].flatMap((part): ResourceField[] => [
  { name: `updatedDate${part}`, place: 'dates', kind: 'text', required: part === 'Field' },
  { name: `createdDate${part}`, place: 'dates', kind: 'text' },
]);

/** Every field of the form of one resource. */
export const RESOURCE_FIELDS: readonly ResourceField[] = [
  { name: 'enabled', place: 'resource', kind: 'flag', fallback: true },
  { name: 'url', place: 'resource', kind: 'text', required: true },
  { name: 'idField', place: 'resource', kind: 'text', required: true },
  ...DATE_FIELDS,
  { name: 'filterByUpdatedDate', place: 'resource', kind: 'flag', fallback: true },
  { name: 'filterByCurrentDate', place: 'resource', kind: 'flag', fallback: false },
  { name: 'createdCheckTolerance', place: 'resource', kind: 'number', placeholder: '10' },
  { name: 'pageSize', place: 'resource', kind: 'number' },
  { name: 'pollDelay', place: 'resource', kind: 'number', placeholder: '0' },
  {
    name: 'deletes',
    place: 'resource',
    kind: 'flag',
    fallback: false,
    texts: { on: 'reconcile', off: 'off' },
  },
  { name: 'deletesInterval', place: 'resource', kind: 'number', placeholder: '1440' },
  { name: 'deletesLimit', place: 'resource', kind: 'number', placeholder: '10' },
  { name: 'changes', place: 'resource', kind: 'flag', fallback: false },
];

/** What the form shows for one field. */
export function readField(resource: ResourceValue, field: ResourceField): string | boolean {
  const { holder, key } = locate(resource, field);
  const value = holder[key];
  return field.kind === 'flag' ? readFlag(value, field) : textOf(value);
}

function readFlag(value: unknown, { texts, fallback = false }: ResourceField): boolean {
  if (texts === undefined) return flagOf(value, fallback);
  return value === texts.on || (value !== texts.off && fallback);
}

/**
 * A copy of `resource` with what the form holds. A field left as it was keeps its value to the
 * letter, so that opening and closing the dialog changes nothing; an emptied optional field goes.
 */
export function withFields(
  resource: ResourceValue,
  values: ReadonlyMap<string, string | boolean>,
): ResourceValue {
  const copy = structuredClone(resource);
  for (const field of RESOURCE_FIELDS) {
    const value = values.get(field.name);
    if (value !== undefined && value !== readField(resource, field)) {
      writeField(copy, field, value);
    }
  }
  return copy;
}

function writeField(resource: ResourceValue, field: ResourceField, value: string | boolean): void {
  if (field.place === 'dates' && !isObject(resource.datesConfiguration)) {
    resource.datesConfiguration = {};
  }
  const { holder, key } = locate(resource, field);
  if (typeof value === 'boolean') holder[key] = flagValue(field, value);
  else if (value.trim() !== '' || field.required === true) holder[key] = tidy(field, value);
  else Reflect.deleteProperty(holder, key);
}

function flagValue({ texts }: ResourceField, isOn: boolean): boolean | string {
  if (texts === undefined) return isOn;
  return isOn ? texts.on : texts.off;
}

function tidy(field: ResourceField, text: string): string | number {
  return field.kind === 'number' ? numberOrText(text) : text.trim();
}

/**
 * Where a field's value is kept. Configurations in the wild start the keys of the dates with a
 * capital, and put `createdCheckTolerance` among the dates: it is written where it was found.
 */
function locate(
  resource: ResourceValue,
  { name, place }: ResourceField,
): { holder: Record<string, unknown>; key: string } {
  const dates = isObject(resource.datesConfiguration) ? resource.datesConfiguration : {};
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  const amongDates = [name, capital].find((key) => Object.hasOwn(dates, key));
  if (place === 'dates') return { holder: dates, key: amongDates ?? name };
  if (name === 'createdCheckTolerance' && !Object.hasOwn(resource, name) && amongDates) {
    return { holder: dates, key: amongDates };
  }
  return { holder: resource, key: name };
}
