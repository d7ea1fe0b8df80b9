import { defaultResources } from '../../../src/config/defaults';
import { parsedJson } from '../../../src/json/parsed-json';
import type { ResourceValue } from './fields';
import { isObject, sameJson, uniqueName } from '../values';

/** One resource with its name. */
export interface NamedResource {
  key: string;
  value: ResourceValue;
}

/**
 * The resources that a node's property holds: an object or its JSON text, and the documented five
 * when there is none. Undefined when the form cannot show it: other text, an environment variable.
 */
export function readResources(property: unknown): NamedResource[] | undefined {
  const value =
    typeof property === 'string' ? parsedJson(property) : (property ?? defaultResources());
  if (!isObject(value)) return undefined;
  return Object.entries(value).map(([key, resource]) => ({
    key,
    value: isObject(resource) ? resource : {},
  }));
}

/** The property to save: `property` itself when the form changed nothing. */
export function writeResources(property: unknown, rows: readonly NamedResource[]): unknown {
  const before = readResources(property);
  if (before === undefined && rows.length === 0) return property;
  const after = savedResources(rows);
  const unchanged = before !== undefined && sameJson(savedResources(before), after);
  return unchanged ? property : after;
}

/** Rows as one object; a name that is missing or taken gets a number, so that no row is lost. */
export function savedResources(rows: readonly NamedResource[]): Record<string, ResourceValue> {
  const names = savedNames(rows.map(({ key }) => key));
  return Object.fromEntries(
    names.map((name, index): [string, ResourceValue] => [name, rows[index]?.value ?? {}]),
  );
}

/** The name each row is saved under. */
export function savedNames(keys: readonly string[]): string[] {
  const taken = new Set<string>();
  return keys.map((key) => {
    const name = uniqueName(key.trim() === '' ? 'resource' : key.trim(), taken);
    taken.add(name);
    return name;
  });
}
