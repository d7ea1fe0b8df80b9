import { checkCallbackProperties } from '../../../src/config/callback-properties';
import { checkConfigProperties } from '../../../src/config/config-properties';
import {
  readInstance,
  readPoller,
  readPollerResources,
  type NodeProperties,
  type PollerResult,
} from '../../../src/config/instance';
import type { Problem } from '../../../src/config/problems';
import { parsedJson } from '../../../src/json/parsed-json';
import { isObject } from '../values';
import { withoutGaps, withoutMaskedHeaders } from './gaps';
import { unknownConfigurationKeys, unknownInstanceKeys, unknownResourceKeys } from './known-keys';
import { pathOf, type Note } from './note';

/** Bytes of a file, and characters of pasted text, that are read. */
export const LARGEST_FILE = 256 * 1024;

const RESOURCES = 'event.poller.configuration';

/** The callback of a file, with its headers as an object. */
export type ImportedCallback = Omit<NodeProperties['callback'], 'headers'> & {
  headers: Record<string, string>;
};

/** What a file is understood to say; only an instance tells of a server and a callback. */
export interface Recognised {
  poll: NodeProperties['poll'];
  server?: NodeProperties['config'];
  /** Absent without a URL, which a callback is nothing without. */
  callback?: ImportedCallback;
  /** Paths that are passed over. */
  notes: Note[];
}

export type Recognition = { found: Recognised } | { problems: Problem[] };

/**
 * Understands the text of an Open Connectors instance, as `POST /instances` takes it or
 * `GET /instances` answers it, of its poller's configuration, or of the resources alone.
 */
export function recognise(text: string): Recognition {
  if (text.length > LARGEST_FILE) return refused('expected at most 256 KiB of JSON');
  try {
    return recogniseValue(unwrapped(JSON.parse(text)));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'not JSON';
    return refused(`expected JSON (${why})`);
  }
}

/** JSON text of JSON text, as a setting copied out of an answer is; and a list of one instance. */
function unwrapped(value: unknown): unknown {
  const inner = typeof value === 'string' ? (parsedJson(value) ?? value) : value;
  return Array.isArray(inner) && inner.length === 1 ? (inner[0] as unknown) : inner;
}

function recogniseValue(value: unknown): Recognition {
  if (Array.isArray(value)) return refused(`expected one instance, not a list of ${value.length}`);
  if (!isObject(value)) {
    return refused('expected an Open Connectors instance, or the resources of its poller');
  }
  if ('element' in value || 'configuration' in value) return recogniseInstance(value);
  if (RESOURCES in value) {
    const notes = unknownConfigurationKeys(value, []);
    return recognisePoller(readPoller(value), [RESOURCES], notes);
  }
  return recognisePoller(readPollerResources(value), [], []);
}

function recognisePoller(
  result: PollerResult,
  at: readonly string[],
  notes: readonly Note[],
): Recognition {
  if (!result.success) return { problems: result.problems };
  const { poll } = result;
  return { found: { poll, notes: [...notes, ...unknownResourceKeys(poll.resources, at)] } };
}

function recogniseInstance(instance: Record<string, unknown>): Recognition {
  const cleaned = withoutGaps(instance);
  const result = readInstance(cleaned.value);
  if (!result.success) return { problems: result.problems };
  const { config: server, poll, callback } = result.nodes;
  const problems = [...serverProblems(server.subdomain), ...callbackProblems(callback.url)];
  if (problems.length > 0) return { problems };
  const headers = withoutMaskedHeaders(headersOf(callback.headers));
  return {
    found: {
      ...{ poll, server },
      ...(callback.url ? { callback: { ...callback, headers: headers.value } } : {}),
      notes: [
        ...cleaned.notes,
        ...headers.notes,
        ...unknownInstanceKeys(instance),
        ...unknownResourceKeys(poll.resources, ['configuration', RESOURCES]),
      ],
    },
  };
}

/** Only where the file names a host: a gap is left for the user to fill. */
function serverProblems(subdomain: string): Problem[] {
  if (subdomain === '') return [];
  return at(['configuration', 'subdomain'], checkConfigProperties({ subdomain }));
}

function callbackProblems(url = ''): Problem[] {
  const problems = checkCallbackProperties({ enabled: false, url });
  return at(['configuration', 'event.notification.callback.url'], problems);
}

function at(steps: readonly string[], problems: readonly Problem[]): Problem[] {
  return problems.map(({ message }) => ({ path: pathOf(steps), message }));
}

function headersOf(written: unknown): Record<string, string> {
  const value = typeof written === 'string' ? parsedJson(written) : written;
  const entries = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.map(([name, item]) => [name, String(item)]));
}

function refused(message: string): Recognition {
  return { problems: [{ path: '', message }] };
}
