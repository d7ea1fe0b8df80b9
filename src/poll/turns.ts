import type { Clock } from '../effects/clock';
import type { Random } from '../effects/random';
import type { SageCrmError } from '../errors/sagecrm-error';
import { granted } from './granted';
import type { Urgency } from './lease';
import { pollProblem } from './poll-problem';
import type { PollReport } from './poller-status';
import type { Slot } from './slot';

export interface TurnOptions {
  clock: Clock;
  random: Random;
  /** Ends what is under way. */
  signal: AbortSignal;
  onReport: (report: PollReport) => void;
  onError: (error: SageCrmError, resource: string) => void;
}

/** What came of one resource's turn. */
export interface TurnOutcome {
  /** How many changes were emitted. */
  changes: number;
  /** Set when the log-on itself was refused, which concerns all resources. */
  refusal?: SageCrmError;
}

const NOTHING: TurnOutcome = { changes: 0 };

/** Gives each resource its turn: the right to poll, the poll, and what comes of it. */
export class Turns {
  constructor(private readonly options: TurnOptions) {}

  /**
   * Polls one resource, unless another instance does. A failure is reported, not thrown.
   *
   * @param began when the cycle began, on the monotonic clock
   * @param onProgress told of the records received so far
   */
  async poll(
    slot: Slot,
    began: number,
    urgency: Urgency,
    onProgress: (records: number) => void,
  ): Promise<TurnOutcome> {
    const { clock, signal } = this.options;
    const from = clock.monotonic();
    try {
      const grant = await slot.poller.acquire(urgency);
      if (grant.granted) return { changes: await this.polled(slot, began, from, onProgress) };
      slot.leftToOthers(clock.monotonic(), grant.retryInMs);
      return NOTHING;
    } catch (error) {
      return signal.aborted ? NOTHING : await this.failed(slot, from, pollProblem(error));
    }
  }

  /** Waits for the right to change a resource, if another instance polls it at this moment. */
  async acquire(slot: Slot): Promise<void> {
    const { clock, signal } = this.options;
    await granted(() => slot.poller.acquire('now'), { resource: slot.name, clock, signal });
  }

  /** Lets others know when the resource is due again. */
  async settle(slot: Slot): Promise<void> {
    const { dueAt, lastError, blocked } = slot;
    const nextInMs = dueAt === undefined ? undefined : dueAt - this.options.clock.monotonic();
    const hasFailed = lastError !== undefined;
    await slot.poller.settle({ nextInMs, hasFailed, blockedBy: blocked?.code });
  }

  private async polled(
    slot: Slot,
    began: number,
    from: number,
    onProgress: (records: number) => void,
  ): Promise<number> {
    const { clock, signal, onReport, onError } = this.options;
    onProgress(0);
    const outcome = await slot.poller.poll(signal, onProgress);
    onReport(slot.succeeded(outcome, began, clock.monotonic() - from));
    if (outcome.problem !== undefined) onError(outcome.problem, slot.name);
    await this.settle(slot);
    return outcome.created + outcome.updated + (outcome.deleted ?? 0);
  }

  private async failed(slot: Slot, from: number, problem: SageCrmError): Promise<TurnOutcome> {
    const { clock, random, onReport, onError } = this.options;
    const now = clock.monotonic();
    if (problem.code === 'LEASE_LOST') {
      // Another instance has done the work meanwhile.
      slot.leftToOthers(now, 0);
      return NOTHING;
    }
    onReport(slot.failed(problem, now, now - from, random));
    onError(problem, slot.name);
    await this.settle(slot);
    return isRefusal(problem) ? { changes: 0, refusal: problem } : NOTHING;
  }
}

/** A 401 concerns the log-on itself, a 403 only what this resource reads. */
function isRefusal({ code, details }: SageCrmError): boolean {
  return code === 'LOGON_REFUSED' && details.statusCode === 401;
}
