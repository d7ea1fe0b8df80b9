import { z } from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';
import { MOST_EVENTS } from './history';
import { COUNTED_MS, MINUTE_MS } from './minute-counts';

const USUAL_SPAN_MS = 60 * MINUTE_MS;
const USUAL_BARS = 60;
const MOST_BARS = 1000;
const USUAL_LIMIT = 100;

/** A `HistoryQuery` as it comes from outside. */
const querySchema = z.object({
  node: z.string().optional(),
  resource: z.string().optional(),
  spanMs: z.number().min(MINUTE_MS).max(COUNTED_MS).default(USUAL_SPAN_MS),
  bars: z.int().min(1).max(MOST_BARS).default(USUAL_BARS),
  limit: z.int().min(0).max(MOST_EVENTS).default(USUAL_LIMIT),
});

/** A `HistoryQuery` with everything it left open filled in. */
export type BoundQuery = z.output<typeof querySchema>;

/** @throws SageCrmError `INPUT_INVALID` */
export function readHistoryQuery(value: unknown): BoundQuery {
  const query = querySchema.safeParse(value);
  if (query.success) return query.data;
  throw new SageCrmError(
    'INPUT_INVALID',
    'the query of the history is not understood',
    `use {"node": an id, "resource": a name, "spanMs": ${MINUTE_MS} to ${COUNTED_MS}, "bars": 1 to ${MOST_BARS}, "limit": 0 to ${MOST_EVENTS}}, or leave out any of them`,
    { details: { field: query.error.issues[0]?.path.join('.') ?? '' } },
  );
}
