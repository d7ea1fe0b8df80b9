import * as z from 'zod';

/**
 * When a webhook is tried, as the wait before each try: the schedule that Standard Webhooks
 * recommends, 75 hours and 35 minutes in all.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const DEFAULT_RETRIES = '0s 5s 5m 30m 2h 5h 10h 14h 20h 24h';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const LONGEST_WAIT_MS = 7 * 24 * HOUR_MS;
const MOST_TRIES = 50;

const EXPECTED = `expected waits such as ${DEFAULT_RETRIES}, at most ${MOST_TRIES}, none longer than 168h`;

/**
 * Waits before each try, in milliseconds, read from text such as `0s 5s 5m 2h`. The first wait is
 * that before the first try.
 */
export const retriesSchema = z
  .preprocess(
    (value) => (isAbsent(value) ? DEFAULT_RETRIES : value),
    z.string({ error: EXPECTED }).transform((text) =>
      text
        .trim()
        .split(/[\s,]+/)
        .map(waitOf),
    ),
  )
  .pipe(
    z
      .array(z.number({ error: EXPECTED }).max(LONGEST_WAIT_MS, { error: EXPECTED }))
      .min(1, { error: EXPECTED })
      .max(MOST_TRIES, { error: EXPECTED }),
  );

function isAbsent(value: unknown): boolean {
  return (
    value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
  );
}

/** NaN for what is no wait. */
function waitOf(text: string): number {
  const [, amount = '', unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)([smh])$/.exec(text) ?? [];
  if (amount === '') return NaN;
  return Number(amount) * (unit === 'h' ? HOUR_MS : unit === 'm' ? MINUTE_MS : SECOND_MS);
}

/** The default waits, in milliseconds. */
export const DEFAULT_SCHEDULE: readonly number[] = retriesSchema.parse(undefined);
