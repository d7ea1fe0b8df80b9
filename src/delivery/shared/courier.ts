import type { Clock } from '../../effects/clock';
import type { Random } from '../../effects/random';
import { SageCrmError } from '../../errors/sagecrm-error';
import type { Envelope, RenderedEnvelope } from '../../event/envelopes/envelope';
import type { NewEvent } from '../../store/outbox-store';
import { delayBefore, jittered } from '../back-off';
import type { Permit } from '../breaker';
import { asSageCrmError } from '../delivery';
import type { Endpoint } from '../endpoint';
import { exhausted, type Outcome, type Retry } from '../outcome';
import { send } from '../sender';
import type { Transport } from '../transport';
import { tellBreaker, type TripVerdict } from '../trip-verdict';
import type { Breakers } from './breakers';
import type { BullMq, SharedJob } from './bull-mq';
import { passing } from './job-faults';
import type { SharedStore, Settled, Turn } from './shared-store';

/** A job whose target is silent comes back this often even if nobody enables it. */
const HOLD_MS = 3_600_000;

/** How long a job waits while another one asks whether its target is back. */
const PROBE_WAIT_MS = 2_000;

/** A job that cannot be understood is looked at again after this long. */
const PUZZLE_WAIT_MS = 600_000;

/** Tells BullMQ when the next try is due. */
export class NextTry extends Error {
  constructor(
    message: string,
    readonly delayMs: number,
  ) {
    super(message);
  }
}

export interface CourierOptions {
  bullmq: Pick<BullMq, 'DelayedError' | 'UnrecoverableError' | 'WaitingError'>;
  store: SharedStore;
  breakers: Breakers;
  transport: Transport;
  envelope: Envelope;
  endpointFor: (target: string) => Endpoint;
  clock: Clock;
  random: Random;
  schedule: readonly number[];
  signal: AbortSignal;
  /** Runs an action of Redis until it works. */
  steadily: <Result>(run: () => Promise<Result>) => Promise<Result>;
  /** The key of a job's lock. */
  lockOf: (id: string) => string;
  onTurn: (turn: Turn) => void;
  onOutcome: (outcome: Outcome) => void;
  onRetry: (retry: Retry) => void;
  onGone: (target: string, error: SageCrmError) => Promise<void>;
  onError: (error: unknown) => void;
}

/** A job in the hands of this instance. */
interface Trip {
  job: SharedJob;
  token: string;
  turn: Turn;
  event: NewEvent;
  /** The webhook's id; undefined: there is no webhook. */
  id?: string;
}

/**
 * Makes one try of a job of BullMQ. What it returns or throws is what becomes of the job: done, to
 * be tried again, or failed. The event itself is ended before that, in the store, by whoever holds
 * the job's lock: a job that is run again after that finds that there is nothing left to do.
 */
export class Courier {
  constructor(private readonly options: CourierOptions) {}

  async carry(job: SharedJob, token: string): Promise<void> {
    const { store, steadily, signal } = this.options;
    const turn: Turn = { id: job.id ?? '', lane: job.data.lane, target: job.data.target };
    try {
      const task = await steadily(() => store.begin(turn));
      switch (task.kind) {
        case 'over':
          return;
        case 'letter':
          throw this.failure('given up before its job was moved');
        case 'hold':
          await this.hold(job, token, turn);
          return;
        case 'go':
          await this.deliver({ job, token, turn, event: task.event });
      }
    } catch (error) {
      if (!(error instanceof SageCrmError)) throw error;
      if (signal.aborted) return await this.handBack(job, token);
      // State that cannot be understood; it costs no try.
      this.options.onError(error);
      return await this.postpone(job, token, PUZZLE_WAIT_MS);
    }
  }

  private async deliver(trip: Trip): Promise<void> {
    const { breakers, random, envelope, endpointFor, signal } = this.options;
    const { job, token, event } = trip;
    const breaker = breakers.of(event.target);
    if (!breaker.admits) {
      const waitMs = Math.max(breaker.pauseMs, jittered(PROBE_WAIT_MS, random));
      return this.postpone(job, token, waitMs);
    }
    const permit = breaker.begin();
    let webhook: RenderedEnvelope;
    let endpoint: Endpoint;
    try {
      endpoint = endpointFor(event.target);
      webhook = envelope.render([event.message], {
        instanceId: event.instanceId,
        now: event.takenAt,
      });
    } catch (error) {
      return this.follow(trip, permit, { kind: 'unsendable', error: asSageCrmError(error) });
    }
    const verdict = await send(webhook, endpoint, this.options, signal);
    return this.follow({ ...trip, id: webhook.id }, permit, verdict);
  }

  private async follow(
    trip: Trip,
    permit: Permit,
    verdict: TripVerdict | undefined,
  ): Promise<void> {
    const { breakers, onGone } = this.options;
    const { job, token, turn, event } = trip;
    tellBreaker(breakers.of(event.target), permit, verdict);
    switch (verdict?.kind) {
      case undefined:
        return this.handBack(job, token);
      case 'delivered':
        return this.delivered(trip, verdict.statusCode);
      case 'retry':
        return this.retry(trip, verdict.error);
      case 'unsendable':
      case 'final':
        return this.bury(trip, verdict.error);
      case 'gone':
        await onGone(event.target, verdict.error);
        return this.hold(job, token, turn);
    }
  }

  private async delivered(trip: Trip, statusCode: number): Promise<void> {
    const settled = await this.settle(trip, 'delivered');
    if (settled === undefined) return;
    this.options.onOutcome({ ...outcomeOf(trip), status: 'delivered', statusCode });
  }

  private async retry(trip: Trip, error: SageCrmError): Promise<void> {
    const { schedule, random, onRetry } = this.options;
    const { job, event, id = '' } = trip;
    const attempts = job.attemptsMade + 1;
    const delayMs = delayBefore(attempts + 1, schedule, random, error.details.retryAfterMs);
    if (delayMs === undefined) return this.bury(trip, exhausted(attempts, error));
    onRetry({ id, target: event.target, events: 1, attempt: attempts + 1, delayMs, error });
    throw new NextTry(error.what, delayMs);
  }

  private async bury(trip: Trip, error: SageCrmError): Promise<void> {
    const { clock, steadily } = this.options;
    const { job, turn, event } = trip;
    const { statusCode } = error.details;
    const status = statusCode === undefined ? {} : { statusCode };
    const { attempts } = outcomeOf(trip);
    const reason = { code: error.code, message: error.message, ...status };
    // Before the event is ended: a letter is never without its event.
    const letter = { event, reason, attempts, buriedAt: clock.now() };
    const data = { lane: turn.lane, target: turn.target, letter };
    await steadily(() => job.updateData(data).catch(passing));
    const settled = await this.settle(trip, 'dead');
    if (settled === undefined) return;
    this.options.onOutcome({
      ...{ ...outcomeOf(trip), ...status, status: 'failed', error },
      letter: settled.letter,
    });
    throw this.failure(error.what);
  }

  private async settle(trip: Trip, end: 'delivered' | 'dead'): Promise<Settled | undefined> {
    const { store, steadily, lockOf, onTurn } = this.options;
    const { turn, event, token } = trip;
    const lock = { key: lockOf(turn.id), token };
    const settled = await steadily(() => store.settle(turn, event, lock, end));
    if (settled?.next !== undefined) onTurn(settled.next);
    return settled;
  }

  private async hold(job: SharedJob, token: string, turn: Turn): Promise<void> {
    const { store, steadily, clock } = this.options;
    await delay(job, token, clock.now() + HOLD_MS);
    // It may have been enabled just before.
    if (!(await steadily(() => store.hold(turn)))) await job.promote();
    throw new this.options.bullmq.DelayedError();
  }

  /** No try is used up. */
  private async postpone(job: SharedJob, token: string, ms: number): Promise<never> {
    await delay(job, token, this.options.clock.now() + ms);
    throw new this.options.bullmq.DelayedError();
  }

  /** Lets another instance have the job at once; without a connection, once the lock has run out. */
  private async handBack(job: SharedJob, token: string): Promise<never> {
    await job.moveToWait(token).catch(() => undefined);
    throw new this.options.bullmq.WaitingError();
  }

  private failure(message: string): Error {
    return new this.options.bullmq.UnrecoverableError(message);
  }
}

/** Without a connection the job keeps its lock until that runs out, and is then begun anew. */
async function delay(job: SharedJob, token: string, until: number): Promise<void> {
  await job.moveToDelayed(until, token).catch(() => undefined);
}

function outcomeOf({ job, turn, event, id }: Trip): Pick<Outcome, 'entry' | 'attempts' | 'id'> {
  return {
    entry: { ...event, seq: Number(turn.id.slice(1)) },
    attempts: id === undefined ? job.attemptsMade : job.attemptsMade + 1,
    id: id ?? event.message.event.eventId,
  };
}
