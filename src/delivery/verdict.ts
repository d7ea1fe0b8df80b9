import { SageCrmError } from '../errors/sagecrm-error';
import { retryAfterMs } from '../http/retry-after';
import { networkFault } from './fault';
import type { WebhookAnswer } from './transport';

/** What one try means for the delivery. */
export type Verdict =
  | { kind: 'delivered'; statusCode: number }
  | { kind: 'retry'; error: SageCrmError }
  | { kind: 'final'; error: SageCrmError }
  /** The target wants no webhooks any more. */
  | { kind: 'gone'; error: SageCrmError };

/** Client errors that pass by themselves: time-out, too early, too many requests. */
const PASSING_STATUSES = new Set([408, 425, 429]);

const GONE = 410;

/** Errors that another try cannot mend. */
const FINAL_CODES = new Set(['ADDRESS_REFUSED', 'CONFIG_INVALID']);

/**
 * Judges an answer: 2xx is delivered; 408, 425, 429 and 5xx are tried again; 410 ends all webhooks to
 * the target; every other status is final, redirects (never followed) among them.
 *
 * @param where the receiver's origin
 * @param now wall-clock time in ms, to read a `Retry-After` date
 */
export function judgeAnswer(
  { statusCode, hint }: WebhookAnswer,
  where: string,
  now: number,
): Verdict {
  if (statusCode >= 200 && statusCode < 300) return { kind: 'delivered', statusCode };
  const wait = retryAfterMs(hint, now);
  const details = { statusCode, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  if (statusCode >= 500 || PASSING_STATUSES.has(statusCode)) {
    const error = new SageCrmError(
      statusCode === 429 ? 'RATE_LIMITED' : 'SERVER_ERROR',
      `${where} answered with status ${statusCode}`,
      'look into the log of the receiver',
      { details },
    );
    return { kind: 'retry', error };
  }
  if (statusCode === GONE) return { kind: 'gone', error: goneError(where) };
  return { kind: 'final', error: refusal(statusCode, where) };
}

/** Judges what was thrown instead of an answer. */
export function judgeFault(thrown: unknown, where: string): Verdict {
  const error = networkFault(thrown, where);
  return { kind: FINAL_CODES.has(error.code) ? 'final' : 'retry', error };
}

function goneError(where: string): SageCrmError {
  return new SageCrmError(
    'DELIVERY_REFUSED',
    `${where} wants no more webhooks (status ${GONE})`,
    'events for it wait in the outbox; enable it again once the receiver takes them, or change the callback URL',
    { details: { statusCode: GONE } },
  );
}

function refusal(statusCode: number, where: string): SageCrmError {
  const details = { statusCode };
  if (statusCode >= 300 && statusCode < 400) {
    return new SageCrmError(
      'REDIRECTED',
      `${where} answered with a redirect (status ${statusCode}), which is not followed`,
      'write the address it leads to in the callback node',
      { details },
    );
  }
  return new SageCrmError(
    'DELIVERY_REFUSED',
    `${where} refused the webhook with status ${statusCode}`,
    'check the callback URL, the log-on and the signature key, and the log of the receiver',
    { details },
  );
}
