import type { Random } from '../../effects/random';
import { SageCrmError } from '../../errors/sagecrm-error';
import type { Envelope, RenderedEnvelope } from '../../event/envelopes/envelope';
import { delayBefore, jittered } from '../back-off';
import type { Permit } from '../breaker';
import type { Endpoint } from '../endpoint';
import { exhausted, type Retry } from '../outcome';
import { send } from '../sender';
import type { Transport } from '../transport';
import { tellBreaker, type TripVerdict } from '../trip-verdict';
import { asSageCrmError, isFault, mustBeTakenApart, render } from '../webhook';
import type { Breakers } from './breakers';
import type { SharedJob } from './bull-mq';
import { JobEnds, type JobEndsOptions } from './job-ends';
import { JobMoves, NextTry, type JobMovesOptions } from './job-moves';
import { errorOf } from './shared-tasks';
import { targetOf, type Trip } from './trip';
import type { Turn } from './turn';

/** How long a job waits while another one asks whether its target is back. */
const PROBE_WAIT_MS = 2_000;

/** A job that cannot be understood is looked at again after this long. */
const PUZZLE_WAIT_MS = 600_000;

export interface CourierOptions extends JobMovesOptions, JobEndsOptions {
  breakers: Breakers;
  transport: Transport;
  envelope: Envelope;
  endpointFor: (target: string) => Endpoint;
  random: Random;
  schedule: readonly number[];
  signal: AbortSignal;
  onRetry: (retry: Retry) => void;
  onGone: (target: string, error: SageCrmError) => Promise<void>;
  onError: (error: unknown) => void;
}

/**
 * Makes one try of a job of BullMQ. What it returns or throws is what becomes of the job: done, to
 * be tried again, or failed. The events themselves are ended before that, in the store, by whoever
 * holds the job's lock: a job that is run again after that finds that there is nothing left to do.
 */
export class Courier {
  private readonly moves: JobMoves;
  private readonly ends: JobEnds;

  constructor(private readonly options: CourierOptions) {
    this.moves = new JobMoves(options);
    this.ends = new JobEnds(options, this.moves);
  }

  async carry(job: SharedJob, token: string): Promise<void> {
    const { signal, onError } = this.options;
    const { lane, target, group = '' } = job.data;
    try {
      // BullMQ may fetch one more job while it is being closed.
      signal.throwIfAborted();
      await this.attempt(job, token, { id: job.id ?? '', lane, target, group });
    } catch (error) {
      if (!(error instanceof SageCrmError)) throw error;
      if (signal.aborted) return await this.moves.handBack(job, token);
      // State that cannot be understood; it costs no try.
      onError(error);
      return await this.moves.postpone(job, token, PUZZLE_WAIT_MS);
    }
  }

  private async attempt(job: SharedJob, token: string, turn: Turn): Promise<void> {
    const breaker = this.options.breakers.of(turn.target);
    const permit = breaker.admits ? breaker.begin() : undefined;
    let trip: Trip | undefined;
    try {
      trip = await this.begin(job, token, turn, permit !== undefined);
    } finally {
      if (trip === undefined && permit !== undefined) breaker.withdrawn(permit);
    }
    if (trip !== undefined && permit !== undefined) await this.deliver(trip, permit);
  }

  /** @returns undefined when there is nothing to send */
  private async begin(
    job: SharedJob,
    token: string,
    turn: Turn,
    isAdmitted: boolean,
  ): Promise<Trip | undefined> {
    const { clock, steadily, tasks, envelope, onComing } = this.options;
    const isFirstTry = job.attemptsMade === 0;
    const lock = this.ends.lockOf({ turn, token });
    const task = await steadily(() =>
      tasks.begin(turn, { lock, isFirstTry, isAdmitted, now: clock.now() }),
    );
    switch (task.kind) {
      case 'over':
        return undefined;
      case 'letter':
        throw this.moves.failure('given up before its job was moved');
      case 'hold':
        return this.moves.hold(job, token, turn);
      case 'wait':
        return this.moves.postpone(job, token, this.pauseOf(turn.target));
      case 'go':
    }
    const { load, coming } = task;
    onComing(coming);
    const trip = { job, token, turn, load, attempts: job.attemptsMade - load.triesBefore };
    const { verdict } = load;
    if (verdict !== undefined) {
      const { attempts, id } = verdict;
      return this.ends.bury({ ...trip, attempts: attempts - 1, id }, errorOf(verdict));
    }
    if (load.entries.length > envelope.maxEvents) return this.ends.takeApart(trip);
    return trip;
  }

  private async deliver(trip: Trip, permit: Permit): Promise<void> {
    const { envelope, endpointFor, transport, clock, signal } = this.options;
    const { entries, sealedAt } = trip.load;
    let webhook: RenderedEnvelope;
    let endpoint: Endpoint;
    try {
      endpoint = endpointFor(targetOf(trip));
      webhook = render(envelope, entries, sealedAt);
    } catch (error) {
      return this.follow(trip, permit, { kind: 'unsendable', error: asSageCrmError(error) });
    }
    const verdict = await send(webhook, endpoint, { transport, clock }, signal);
    return this.follow({ ...trip, id: webhook.id }, permit, verdict);
  }

  private async follow(
    trip: Trip,
    permit: Permit,
    verdict: TripVerdict | undefined,
  ): Promise<void> {
    const { breakers, onGone } = this.options;
    const { job, token, turn, load } = trip;
    tellBreaker(breakers.of(turn.target), permit, verdict);
    switch (verdict?.kind) {
      case undefined:
        return this.moves.handBack(job, token);
      case 'delivered':
        return this.ends.delivered(trip, verdict.statusCode);
      case 'retry':
        return this.retry(trip, verdict.error);
      case 'unsendable':
      case 'final':
        // One refused event must not take the others of its webhook with it.
        return load.entries.length > 1
          ? this.ends.takeApart(trip)
          : this.ends.bury(trip, verdict.error);
      case 'gone':
        await onGone(targetOf(trip), verdict.error);
        return this.moves.hold(job, token, turn);
    }
  }

  private async retry(trip: Trip, error: SageCrmError): Promise<void> {
    const { schedule, random, onRetry, steadily, tasks } = this.options;
    const { id = '', load } = trip;
    const { statusCode, retryAfterMs } = error.details;
    const attempts = trip.attempts + 1;
    const delayMs = delayBefore(attempts + 1, schedule, random, retryAfterMs);
    if (delayMs === undefined) return this.ends.giveUp(trip, exhausted(attempts, error));
    const events = load.entries.length;
    if (events > 1 && isFault(statusCode)) {
      if (mustBeTakenApart(events, load.faults + 1)) return this.ends.takeApart(trip);
      await steadily(() => tasks.countFault(trip.turn, this.ends.lockOf(trip)));
    }
    onRetry({ id, target: targetOf(trip), events, attempt: attempts + 1, delayMs, error });
    throw new NextTry(error.what, delayMs);
  }

  /** Until the target is asked again, or another job has asked. */
  private pauseOf(target: string): number {
    const { breakers, random } = this.options;
    return Math.max(breakers.of(target).pauseMs, jittered(PROBE_WAIT_MS, random));
  }
}
