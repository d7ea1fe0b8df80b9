import type { Random } from '../effects/random';
import type { ErrorCode, SageCrmError } from '../errors/sagecrm-error';

const FIRST_RETRY_MS = 5000;
const DOUBLINGS = 16;
/** However long a server asks to wait, the next poll comes within a day. */
const LONGEST_PATIENCE_MS = 86_400_000;

/** What passes by itself: worth another try before the interval is over. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'TIMEOUT',
  'UNREACHABLE',
  'SERVER_ERROR',
  'RATE_LIMITED',
  'JSON_CUT',
  'STATE_LOCKED',
  'REDIS_UNAVAILABLE',
]);

/**
 * When to poll a resource again after a failure, in milliseconds: with exponential back-off and
 * jitter, never later than the interval unless the server asked for more patience.
 *
 * @param failures how many polls failed in a row, at least 1
 */
export function retryDelayMs(
  error: SageCrmError,
  failures: number,
  intervalMs: number,
  random: Random,
): number {
  const asked = Math.min(error.details.retryAfterMs ?? 0, LONGEST_PATIENCE_MS);
  if (!PASSING.has(error.code)) return Math.max(intervalMs, asked);
  const step = FIRST_RETRY_MS * 2 ** Math.min(failures - 1, DOUBLINGS);
  const jittered = step * (0.5 + random() / 2);
  return Math.max(Math.min(intervalMs, jittered), asked);
}
