import type { CrmRecord } from './event';

/**
 * Reads columns regardless of case, since Sage CRM mixes it within one record, and takes `key` and
 * `$key` for one another, since the hub writes the first and Sage CRM the second.
 *
 * A reader remembers where it found a column: the records of a page are written alike.
 */
export interface FieldReader {
  /** The value, or undefined when the record has no such column. */
  read(record: CrmRecord): unknown;
}

/** @param path a column, or names joined by dots that lead into nested objects */
export function createFieldReader(path: string): FieldReader {
  const whole = createColumnReader(path);
  const steps = path.split('.').map(createColumnReader);
  if (steps.length === 1) return whole;
  return {
    read(record) {
      const direct = whole.read(record);
      if (direct !== undefined) return direct;
      let value: unknown = record;
      for (const step of steps) value = isRecord(value) ? step.read(value) : undefined;
      return value;
    },
  };
}

function createColumnReader(name: string): FieldReader {
  const wanted = spellings(name);
  let lastFound = name;
  return {
    read(record) {
      if (Object.hasOwn(record, lastFound)) return record[lastFound];
      const found = wanted
        .map((spelling) => Object.keys(record).find((key) => key.toLowerCase() === spelling))
        .find((key) => key !== undefined);
      if (found === undefined) return undefined;
      lastFound = found;
      return record[found];
    },
  };
}

function spellings(name: string): string[] {
  const lower = name.toLowerCase();
  if (lower === 'key') return ['key', '$key'];
  if (lower === '$key') return ['$key', 'key'];
  return [lower];
}

function isRecord(value: unknown): value is CrmRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An id as text; undefined for what cannot be one. */
export function idText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}
