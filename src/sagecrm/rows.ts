import { z } from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';
import type { CrmRecord } from '../event/event';

const row = z.custom<CrmRecord>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  { error: 'expected a record' },
);

/** The hub API answers with a bare array of records. */
export const hubRowsSchema = z.array(row, { error: 'expected an array of records' });

/** Numbers of a feed come as numbers or text, or not at all. */
const hint = z.preprocess(
  (value) => (typeof value === 'string' && value !== '' ? Number(value) : (value ?? undefined)),
  z.number().int().nonnegative().optional().catch(undefined),
);

const linkSchema = z
  .union([z.string(), z.looseObject({ $url: z.string().optional() })])
  .transform((link) => (typeof link === 'string' ? link : link.$url))
  .optional()
  .catch(undefined);

/** Sage CRM's REST API answers with a feed; links and totals may be absent. */
export const feedSchema = z.looseObject(
  {
    $resources: z.array(row, { error: 'expected an array of records' }),
    $totalResults: hint,
    $itemsPerPage: hint,
    $next: linkSchema,
    $links: z.looseObject({ $next: linkSchema }).optional().catch(undefined),
  },
  { error: 'expected a feed with $resources' },
);

/** Parses an answer's shape, or says which shape was expected. */
export function readShape<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const why = result.error.issues[0]?.message ?? 'unexpected shape';
  throw new SageCrmError(
    'RESPONSE_SHAPE',
    `Sage CRM sent JSON of another shape (${why})`,
    'check that the resource URL leads to a list of records',
  );
}
