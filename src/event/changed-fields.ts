import { isDeepStrictEqual } from 'node:util';
import type { CrmRecord, FieldChanges } from './event';

/** The columns in which two versions of a record differ; those of the answer itself do not count. */
export function changedFields(before: CrmRecord, after: CrmRecord): FieldChanges {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names]
    .filter((name) => !name.startsWith('$') && !isDeepStrictEqual(before[name], after[name]))
    .map((name) => [name, { from: before[name] ?? null, to: after[name] ?? null }] as const);
  return Object.fromEntries(changed);
}
