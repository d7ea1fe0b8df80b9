/**
 * What can go wrong, as a code a flow can branch on. A code never changes its meaning once released.
 */
export type ErrorCode =
  | 'CONFIG_INVALID'
  | 'TEMPLATE_INVALID'
  | 'DATE_PATTERN_INVALID'
  | 'DATE_INVALID'
  | 'ZONE_INVALID'
  | 'WHERE_INVALID'
  | 'LOGON_REFUSED'
  | 'NOT_FOUND'
  | 'BAD_REQUEST'
  | 'RATE_LIMITED'
  | 'SERVER_ERROR'
  | 'REDIRECTED'
  | 'TIMEOUT'
  | 'UNREACHABLE'
  | 'TLS_FAILED'
  | 'NOT_JSON'
  | 'JSON_CUT'
  | 'RESPONSE_TOO_LARGE'
  | 'RESPONSE_SHAPE'
  | 'PAGING_LOOP'
  | 'ID_FIELD_MISSING'
  | 'LATE_COMMITS'
  | 'LISTING_DOUBTFUL'
  | 'DELETES_UNCONFIRMED'
  | 'ABORTED'
  | 'STATE_CORRUPT'
  | 'STATE_LOCKED'
  | 'STATE_IO'
  | 'STATE_MOVED'
  | 'STATE_ELSEWHERE'
  | 'STATE_PRESENT'
  | 'REDIS_MISSING'
  | 'REDIS_UNAVAILABLE'
  | 'LEASE_LOST'
  | 'LEASE_HELD'
  | 'INPUT_INVALID'
  | 'DELIVERY_REFUSED'
  | 'DELIVERY_FAILED'
  | 'DEAD_LETTERS_FULL'
  | 'ADDRESS_REFUSED'
  | 'INTERNAL';

/** Facts beside the message, safe to show: never a secret. */
export interface ErrorDetails {
  /** The property or JSON path at fault, such as `resources.accounts.url`. */
  field?: string;
  /** The resource key the error is about. */
  resource?: string;
  /** The HTTP status of the answer, where there was one. */
  statusCode?: number;
  /** How long the server asked us to wait, in milliseconds. */
  retryAfterMs?: number;
  /** The server's own id for the request, to quote to its administrator. */
  requestId?: string;
  /** The offset in the faulty text, counted from 0. */
  position?: number;
}

/**
 * The one error type of this package: what happened, a code, and what the user can do next.
 *
 * `message` is `"{what}: {nextStep}"`, so that a debug node or a log shows both.
 */
export class SageCrmError extends Error {
  override readonly name = 'SageCrmError';
  readonly code: ErrorCode;
  readonly what: string;
  readonly nextStep: string;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    what: string,
    nextStep: string,
    options: { cause?: unknown; details?: ErrorDetails } = {},
  ) {
    super(
      `${what}: ${nextStep}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.what = what;
    this.nextStep = nextStep;
    this.details = options.details ?? {};
  }
}
