import { DateTime } from 'luxon';

/** What the answer to the last try said about when to come back. */
export interface RetryHint {
  /** The `Retry-After` header. */
  retryAfter?: string;
  /** The `Date` header: a date in `Retry-After` is read by the receiver's own clock. */
  date?: string;
}

/**
 * The wait that a `Retry-After` asks for: whole seconds or an HTTP date (RFC 9110, 10.2.3).
 *
 * @param now wall-clock time in ms, used when the answer carries no date
 * @returns milliseconds, never negative; `undefined` for a missing or malformed header
 */
export function retryAfterMs(hint: RetryHint, now: number): number | undefined {
  const text = hint.retryAfter?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = httpDate(text);
  if (at === undefined) return undefined;
  return Math.max(0, at - (httpDate(hint.date ?? '') ?? now));
}

function httpDate(text: string): number | undefined {
  const date = DateTime.fromHTTP(text, { zone: 'utc' });
  return date.isValid ? date.toMillis() : undefined;
}
