import { isObject } from '../values';
import { pathOf, type Note } from './note';
import { isSecretPlaceholder, isTextPlaceholder } from './placeholder';

const TEXTS = [
  'subdomain',
  'username',
  'event.notification.callback.url',
  'event.notification.basic.username',
];
const SECRETS = [
  'password',
  'event.notification.signature.key',
  'event.notification.basic.password',
];

interface Filled<Value> {
  value: Value;
  notes: Note[];
}

/**
 * A copy of an instance without its masked secrets and the gaps of a template, so that what they
 * stand for is not taken over. A gap for the host becomes empty text, because that key must be there.
 */
export function withoutGaps(instance: Record<string, unknown>): Filled<Record<string, unknown>> {
  const copy = structuredClone(instance);
  const notes: Note[] = [];
  if (isObject(copy.configuration)) {
    notes.push(...dropGaps(copy.configuration));
  }
  if (typeof copy.name === 'string' && isTextPlaceholder(copy.name)) {
    delete copy.name;
    notes.push({ path: 'name', reason: 'gap' });
  }
  if (Array.isArray(copy.tags)) {
    const tags: unknown[] = copy.tags;
    copy.tags = tags.filter((tag) => typeof tag !== 'string' || !isTextPlaceholder(tag));
    if ((copy.tags as unknown[]).length < tags.length) notes.push({ path: 'tags', reason: 'gap' });
  }
  return { value: copy, notes };
}

/** Headers without those whose value is masked. */
export function withoutMaskedHeaders(
  headers: Readonly<Record<string, string>>,
): Filled<Record<string, string>> {
  const entries = Object.entries(headers);
  const isMasked = ([, value]: [string, string]): boolean => isSecretPlaceholder(value);
  return {
    value: Object.fromEntries(entries.filter((entry) => !isMasked(entry))),
    notes: entries.filter(isMasked).map(([name]) => ({
      path: pathOf(['configuration', 'event.notification.callback.headers', name]),
      reason: 'secret',
    })),
  };
}

function dropGaps(configuration: Record<string, unknown>): Note[] {
  const notes: Note[] = [];
  const drop = (key: string, reason: Note['reason'], isGap: (text: string) => boolean): void => {
    const value = configuration[key];
    if (typeof value !== 'string' || !isGap(value)) return;
    notes.push({ path: pathOf(['configuration', key]), reason });
    if (key === 'subdomain') configuration[key] = '';
    else Reflect.deleteProperty(configuration, key);
  };
  for (const key of TEXTS) drop(key, 'gap', isTextPlaceholder);
  for (const key of SECRETS) drop(key, 'secret', isSecretPlaceholder);
  return notes;
}
