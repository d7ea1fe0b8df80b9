import type { Random } from '../effects/random';
import type { ErrorCode, SageCrmError } from '../errors/sagecrm-error';
import { isoDate } from '../event/iso-date';
import type { PollReport, ResourceStatus } from './poller-status';
import type { PollOutcome } from './poll-run';
import type { ResourcePoller } from './resource-poller';
import { retryDelayMs } from './retry';

/** What no further poll can mend: only the user, who then says `resume` or `replay`. */
const NEEDS_THE_USER: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'LOGON_REFUSED',
  'STATE_CORRUPT',
  'STATE_ELSEWHERE',
  'STATE_MOVED',
]);

/** One resource in a poller's schedule. Times are milliseconds on the monotonic clock. */
export class Slot {
  /** Undefined: only on request. */
  dueAt: number | undefined;
  /** Set while the resource waits for the user. */
  blocked: SageCrmError | undefined;
  lastError: SageCrmError | undefined;
  /** True while events of this resource wait until the flow has room. */
  isWaiting = false;
  /** True while another instance polls this resource, or goes first for it. */
  isLeftToOthers = false;
  private failures = 0;
  private lastReport: PollReport | undefined;

  constructor(
    readonly poller: ResourcePoller,
    private readonly intervalMs: number,
  ) {}

  get name(): string {
    return this.poller.resource.key;
  }

  succeeded(outcome: PollOutcome, cycleBegan: number, durationMs: number): PollReport {
    this.failures = 0;
    this.isLeftToOthers = false;
    this.lastError = outcome.problem;
    this.isWaiting = outcome.isWaiting;
    this.dueAt = this.intervalMs === 0 ? undefined : cycleBegan + this.intervalMs;
    return this.report(outcome, durationMs, outcome.problem);
  }

  failed(error: SageCrmError, now: number, durationMs: number, random: Random): PollReport {
    this.failures += 1;
    this.isLeftToOthers = false;
    this.lastError = error;
    if (NEEDS_THE_USER.has(error.code)) this.blocked = error;
    this.dueAt =
      this.intervalMs === 0
        ? undefined
        : now + retryDelayMs(error, this.failures, this.intervalMs, random);
    const nothing = { created: 0, updated: 0, pages: 0, cursor: this.cursor, isWaiting: false };
    return this.report(nothing, durationMs, error);
  }

  /** @param retryInMs until it is looked at again */
  leftToOthers(now: number, retryInMs: number): void {
    this.failures = 0;
    this.lastError = undefined;
    this.isWaiting = false;
    this.isLeftToOthers = true;
    this.dueAt = this.intervalMs === 0 ? undefined : now + retryInMs;
  }

  unblock(): void {
    this.blocked = undefined;
    this.lastError = undefined;
  }

  status(now: number): ResourceStatus {
    const waits = this.dueAt === undefined || this.blocked !== undefined;
    return {
      resource: this.name,
      cursor: this.lastReport?.cursor ?? null,
      nextPollInMs: waits ? null : Math.max(0, Math.round((this.dueAt ?? now) - now)),
      failures: this.failures,
      ...(this.lastReport === undefined ? {} : { lastReport: this.lastReport }),
    };
  }

  private get cursor(): number | null {
    const text = this.lastReport?.cursor;
    return text === undefined || text === null ? null : Date.parse(text);
  }

  private report(outcome: PollOutcome, durationMs: number, error?: SageCrmError): PollReport {
    const { created, updated, deleted, late, pages, cursor } = outcome;
    this.lastReport = {
      resource: this.name,
      created,
      updated,
      ...(deleted === undefined ? {} : { deleted }),
      ...(late === undefined ? {} : { late }),
      pages,
      durationMs: Math.round(durationMs),
      cursor: cursor === null ? null : isoDate(cursor),
      ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
    };
    return this.lastReport;
  }
}
