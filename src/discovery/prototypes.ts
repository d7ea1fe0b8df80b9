import { z } from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';

/** The types worth telling apart in a pick-list. */
export type FieldType = 'text' | 'number' | 'date' | 'boolean';

/** An entity or a column in Sage CRM's metadata. */
export interface Named {
  name: string;
  title?: string;
  type?: FieldType;
}

/**
 * Sage CRM's metadata is not documented in full, so several shapes are taken: a feed of
 * `$resources`, a list or a map under `$properties` or a like name, a bare list, a bare map from
 * name to description, and a template record whose keys are the columns.
 */
const CONTAINERS = ['$resources', '$prototypes', '$properties', 'properties', 'resources', 'items'];

/** Deeper nesting than this is no metadata. */
const DEEPEST = 3;

const text = z.string().trim().min(1).optional().catch(undefined);

const descriptionSchema = z.looseObject({
  $key: text,
  $name: text,
  name: text,
  key: text,
  $url: text,
  url: text,
  $title: text,
  title: text,
  label: text,
  $type: text,
  type: text,
});

const mapSchema = z.record(z.string(), z.unknown());

/**
 * The names in an answer about `$prototypes`, without the server's own `$…`.
 *
 * @throws SageCrmError `RESPONSE_SHAPE` when there are none
 */
export function readNames(body: unknown): Named[] {
  const names = namesIn(body, 0).filter(({ name }) => !name.startsWith('$'));
  if (names.length > 0) return [...new Map(names.map((named) => [named.name, named])).values()];
  throw new SageCrmError(
    'RESPONSE_SHAPE',
    'Sage CRM describes its entities in a shape that is not known',
    'write the names by hand',
  );
}

function namesIn(body: unknown, depth: number): Named[] {
  if (depth > DEEPEST) return [];
  const list = z.array(z.unknown()).safeParse(body);
  if (list.success) return namesInList(list.data, depth);
  const map = mapSchema.safeParse(body);
  if (!map.success) return [];
  const container = CONTAINERS.find((name) => isFilled(map.data[name]));
  if (container !== undefined) return namesIn(map.data[container], depth + 1);
  return Object.entries(map.data).map(([name, value]) => described(name, value));
}

/** A list of one may be a single description with its columns inside. */
function namesInList(items: readonly unknown[], depth: number): Named[] {
  const [only] = items;
  const inside = items.length === 1 ? mapSchema.safeParse(only) : undefined;
  if (inside?.success && CONTAINERS.some((name) => isFilled(inside.data[name]))) {
    return namesIn(only, depth + 1);
  }
  return items.flatMap((item) => {
    const name = typeof item === 'string' ? item.trim() : nameIn(item);
    return name === undefined || name === '' ? [] : [described(name, item)];
  });
}

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function nameIn(item: unknown): string | undefined {
  const read = descriptionSchema.safeParse(item);
  if (!read.success) return undefined;
  const { $key, $name, name, key, $url, url } = read.data;
  return $name ?? name ?? $key ?? key ?? lastSegment($url ?? url);
}

function lastSegment(url: string | undefined): string | undefined {
  return url === undefined ? undefined : /([\w-]+)\/?(?:[?#].*)?$/.exec(url)?.[1];
}

function described(name: string, value: unknown): Named {
  const read = descriptionSchema.safeParse(value);
  if (!read.success) return withType({ name }, undefined);
  const { $title, title, label, $type, type } = read.data;
  const shown = $title ?? title ?? label;
  return withType(
    { name, ...(shown === undefined || shown === name ? {} : { title: shown }) },
    $type ?? type,
  );
}

function withType(named: Named, type: string | undefined): Named {
  const known = type === undefined ? undefined : typeNamed(type);
  return known === undefined ? named : { ...named, type: known };
}

/** Types come as `xs:dateTime`, `application/x-decimal`, `sdata/boolean` and the like. */
function typeNamed(type: string): FieldType | undefined {
  if (/date|time/i.test(type)) return 'date';
  if (/bool/i.test(type)) return 'boolean';
  if (/int|dec|num|double|float|long|short|money|currency/i.test(type)) return 'number';
  return /str|text|char|email|phone|uri|url/i.test(type) ? 'text' : undefined;
}
