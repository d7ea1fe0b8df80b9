import * as z from 'zod';
import { checkForEditor, choice, flag, numeric, text } from './fields';
import type { Problem } from './problems';
import { retriesSchema } from './retry-schedule';

/** `token` of RFC 9110, section 5.6.2: what a header name is made of. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** A header value on one line, in the characters that HTTP carries unchanged (RFC 9110, section 5.5). */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Set by the delivery itself, or a matter of the connection: a flow must not change them. */
const RESERVED_HEADERS = new Set([
  'connection',
  'content-length',
  'elements-webhook-id',
  'elements-webhook-signature',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'webhook-id',
  'webhook-signature',
  'webhook-timestamp',
]);

/** Extra headers of a webhook; the values never appear in a message, since they may be secret. */
export const webhookHeadersSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()], { error: 'expected text' }), {
    error: 'expected an object of header names and values',
  })
  .superRefine((headers, context) => {
    const seen = new Set<string>();
    for (const [name, value] of Object.entries(headers)) {
      const fault = headerFault(name, String(value), seen);
      seen.add(name.toLowerCase());
      if (fault !== undefined) {
        context.addIssue({ code: 'custom', message: fault, path: [name] });
      }
    }
  })
  .transform((headers) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
  );

function headerFault(name: string, value: string, seen: ReadonlySet<string>): string | undefined {
  if (!HEADER_NAME.test(name)) return 'expected a header name without spaces or colons';
  if (isReserved(name.toLowerCase())) return 'this header is set by the delivery';
  if (seen.has(name.toLowerCase())) return 'this header is there twice';
  if (!HEADER_VALUE.test(value)) return 'expected a value on one line, without control characters';
  return undefined;
}

/** CloudEvents in binary mode carry all about an event in headers. */
function isReserved(name: string): boolean {
  return RESERVED_HEADERS.has(name) || name.startsWith('ce-');
}

/** JSON text becomes its value. What is wrong with it is not quoted: headers hold secrets. */
function headersOf(value: unknown): unknown {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'string') return value;
  if (value.trim() === '') return {};
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

const urlSchema = text().refine((value) => value === '' || isHttpUrl(value), {
  error: 'expected a URL such as https://example.com/hook',
});

function isHttpUrl(value: string): boolean {
  return /^https?:\/\//i.test(value) && URL.canParse(value);
}

/** Open Connectors puts at most ten events into one notification. */
const MOST_EVENTS = 10;
const DEFAULT_FORMAT = 'open-connectors';
const DEFAULT_MODE = 'structured';

/** The properties of a `sagecrm-callback` node as a flow file holds them, brought to one form. */
export const callbackPropertiesSchema = z
  .object({
    name: text(),
    server: text(),
    enabled: flag(true),
    url: urlSchema,
    /** `msg.url` may say where a message goes. */
    allowUrlOverride: flag(false),
    format: choice(['open-connectors', 'standard-webhooks', 'cloudevents'], DEFAULT_FORMAT),
    cloudEventsMode: choice(['structured', 'binary', 'batch'], DEFAULT_MODE),
    /** Events in one webhook, where the format can carry several. */
    batchSize: numeric({ min: 1, max: MOST_EVENTS, whole: true, fallback: 1 }),
    /** Seconds that an incomplete batch waits for more events. */
    flushAfter: numeric({ min: 0, max: 300, fallback: 1 }),
    /** Webhooks under way at once. */
    concurrency: numeric({ min: 1, max: 64, whole: true, fallback: 8 }),
    /** Webhooks a second; 0: as many as there are. */
    rateLimit: numeric({ min: 0, max: 1000, fallback: 0 }),
    /** The waits before each try, in milliseconds. */
    retries: retriesSchema,
    /** How many dead letters are kept, and for how many days. */
    deadLetterLimit: numeric({ min: 1, max: 1_000_000, whole: true, fallback: 10_000 }),
    deadLetterDays: numeric({ min: 1, max: 3660, fallback: 30 }),
    headers: z.preprocess(headersOf, webhookHeadersSchema),
    /** Seconds for one try, from connecting to the end of the answer. */
    timeout: numeric({ min: 1, max: 300, fallback: 15 }),
    allowPrivate: flag(false),
    tls: text(),
    proxy: text(),
  })
  .refine(({ enabled, url, allowUrlOverride }) => !enabled || url !== '' || allowUrlOverride, {
    error: 'expected a URL such as https://example.com/hook',
    path: ['url'],
  });

export type CallbackProperties = z.output<typeof callbackPropertiesSchema>;

/** The credentials of a `sagecrm-callback` node; all but the user name are secrets. */
export const callbackCredentialsSchema = z.object({
  signatureKey: text(),
  username: text(),
  password: z.preprocess((value) => value ?? '', z.string({ error: 'expected text' })),
});

export type CallbackCredentials = z.output<typeof callbackCredentialsSchema>;

/** What the editor shows beside the fields; environment variables are left to the runtime. */
export function checkCallbackProperties(value: unknown): Problem[] {
  return checkForEditor(callbackPropertiesSchema, value);
}
