import { RESOURCE_FIELDS } from '../resources/fields';
import { isObject } from '../values';
import { pathOf, type Note } from './note';

const INSTANCE_KEYS = new Set([
  ...['element', 'configuration', 'tags', 'name'],
  // What `GET /instances` answers beside them; nothing of it is a setting.
  ...['id', 'token', 'valid', 'disabled', 'eventsEnabled', 'createdDate', 'user'],
]);

const CONFIGURATION_KEYS = new Set([
  'subdomain',
  'username',
  'password',
  'event.notification.enabled',
  'event.notification.callback.url',
  'event.notification.callback.headers',
  'event.notification.signature.key',
  'event.notification.basic.username',
  'event.notification.basic.password',
  'event.poller.refresh_interval',
  'event.poller.configuration',
]);

const RESOURCE_KEYS = new Set([
  'datesConfiguration',
  ...RESOURCE_FIELDS.filter(({ place }) => place === 'resource').map(({ name }) => name),
]);

const DATE_KEYS = new Set([
  'createdCheckTolerance',
  ...RESOURCE_FIELDS.filter(({ place }) => place === 'dates').map(({ name }) => name),
]);

/** The keys of an instance that mean nothing here. */
export function unknownInstanceKeys(instance: Record<string, unknown>): Note[] {
  return [
    ...unknownIn(instance, INSTANCE_KEYS, []),
    ...unknownConfigurationKeys(instance.configuration, ['configuration']),
  ];
}

/** The same for its configuration alone. */
export function unknownConfigurationKeys(configuration: unknown, at: readonly string[]): Note[] {
  return isObject(configuration) ? unknownIn(configuration, CONFIGURATION_KEYS, at) : [];
}

/** The same for its resources; these keys are kept, since the flow can hold them. */
export function unknownResourceKeys(
  resources: Record<string, unknown>,
  at: readonly string[],
): Note[] {
  return Object.entries(resources).flatMap(([key, resource]) => {
    if (!isObject(resource)) return [];
    const own = [...at, key];
    const dates = isObject(resource.datesConfiguration) ? resource.datesConfiguration : {};
    return [
      ...unknownIn(resource, RESOURCE_KEYS, own),
      ...unknownIn(dates, DATE_KEYS, [...own, 'datesConfiguration'], withSmallFirstLetter),
    ];
  });
}

function unknownIn(
  value: Record<string, unknown>,
  known: ReadonlySet<string>,
  at: readonly string[],
  written: (key: string) => string = (key) => key,
): Note[] {
  return Object.keys(value)
    .filter((key) => !known.has(written(key)))
    .map((key) => ({ path: pathOf([...at, key]), reason: 'unknown' }));
}

/** Configurations in the wild write `UpdatedDateTimezone`. */
function withSmallFirstLetter(key: string): string {
  return key.charAt(0).toLowerCase() + key.slice(1);
}
