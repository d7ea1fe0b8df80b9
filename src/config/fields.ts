import { DateTime } from 'luxon';
import * as z from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';
import { isValidZone } from '../template/zone';
import { check, type Problem } from './problems';

/**
 * Building blocks for the nodes' properties: what a form or a flow file may hold for a number, a
 * flag, a host. Node-RED saves form fields as text, so text is accepted wherever it is unambiguous.
 */

/** A number, or its text. `''` counts as absent and gives the default. */
export function numeric(options: { min: number; max: number; whole?: boolean; fallback: number }) {
  const range = `a${options.whole ? ' whole' : ''} number from ${options.min} to ${options.max}`;
  return z.preprocess(
    (value) => toNumber(value, options.fallback),
    z
      .number({ error: `expected ${range}` })
      .min(options.min, { error: `expected ${range}` })
      .max(options.max, { error: `expected ${range}` })
      .refine((value) => options.whole !== true || Number.isInteger(value), {
        error: `expected ${range}`,
      }),
  );
}

function toNumber(value: unknown, fallback: number): unknown {
  if (value === undefined || value === null || value === '') return fallback;
  if (typeof value !== 'string') return value;
  const text = value.trim();
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : value;
}

/** One of some names; the usual one when it is absent or blank. */
export function choice<const Names extends readonly [string, string, ...string[]]>(
  names: Names,
  usual: Names[number],
) {
  const error = `expected ${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
  return z.preprocess(
    (value) => (value === undefined || value === null || value === '' ? usual : value),
    z.enum(names, { error }),
  );
}

/** A boolean, or the texts `true` and `false`. */
export function flag(fallback: boolean) {
  return z.preprocess(
    (value) => {
      if (value === undefined || value === null || value === '') return fallback;
      if (value === 'true') return true;
      if (value === 'false') return false;
      return value;
    },
    z.boolean({ error: 'expected true or false' }),
  );
}

/** Optional text: absent and null become `fallback`; surrounding blanks go. */
export function text(fallback = '') {
  return z.preprocess(
    (value) => value ?? fallback,
    z.string({ error: 'expected text' }).transform((value) => value.trim()),
  );
}

/** Text that must not be empty. */
export function requiredText(what: string) {
  return z
    .string({ error: `expected ${what}` })
    .trim()
    .min(1, { error: `expected ${what}`, abort: true });
}

/** A zone that luxon or Java knows; empty text gives `fallback`. */
export function zoneName(fallback: string) {
  return z.preprocess(
    (value) => (value === undefined || value === null || value === '' ? fallback : value),
    z.string({ error: 'expected a time zone' }).refine(isValidZone, {
      error: 'expected a time zone such as UTC, GMT+2 or Europe/Berlin',
    }),
  );
}

/** A date in ISO 8601, with or without a time and an offset. */
export function isoDate() {
  return z
    .string({ error: 'expected a date such as 2026-01-31T00:00:00Z' })
    .trim()
    .refine((value) => /^\d{4}-?\d{2}/.test(value) && DateTime.fromISO(value).isValid, {
      error: 'expected a date such as 2026-01-31T00:00:00Z',
    });
}

/** An object, or the same object as JSON text. */
export function objectOrJson<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value) as unknown;
    } catch (error) {
      context.addIssue({
        code: 'custom',
        message: `expected a JSON object (${error instanceof Error ? error.message : 'not JSON'})`,
        input: value,
      });
      return z.NEVER;
    }
  }, schema);
}

/** A string array, or comma-separated text. */
export function textList() {
  return z.preprocess(
    (value) => {
      if (value === undefined || value === null) return [];
      return typeof value === 'string' ? value.split(',') : value;
    },
    z
      .array(z.string({ error: 'expected text' }), { error: 'expected a list of texts' })
      .transform((items) => items.map((item) => item.trim()).filter((item) => item !== '')),
  );
}

/** Turns a `SageCrmError` thrown by `compile` into a zod issue, so that its words reach the field. */
export function compilesWith(compile: (value: string) => unknown) {
  return (value: string, context: z.RefinementCtx<string>): void => {
    try {
      compile(value);
    } catch (error) {
      const message = error instanceof SageCrmError ? error.message : String(error);
      context.addIssue({ code: 'custom', message, input: value });
    }
  };
}

/**
 * A property that is one environment variable, as `${CRM_HOST}`: Node-RED fills it in at start, so
 * the editor cannot judge it.
 */
export function isEnvironmentReference(value: unknown): boolean {
  return typeof value === 'string' && /^\$\{[A-Za-z_$][\w.$]*\}$/.test(value.trim());
}

/** A copy of `properties` without those whose value only the runtime will know. */
function withoutEnvironmentReferences(
  properties: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => !isEnvironmentReference(value)),
  );
}

/**
 * What the editor shows beside the fields of a node: the problems of `properties`, except those of
 * fields whose value only the runtime will know.
 */
export function checkForEditor(schema: z.ZodType, properties: unknown): Problem[] {
  const all = z.record(z.string(), z.unknown()).safeParse(properties);
  if (!all.success) return [{ path: '', message: 'expected an object' }];
  const known = withoutEnvironmentReferences(all.data);
  return check(schema, known).filter(({ path }) => path in known || !(path in all.data));
}
