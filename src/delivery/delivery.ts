import type { Clock } from '../effects/clock';
import type { Random } from '../effects/random';
import type { SageCrmError } from '../errors/sagecrm-error';
import type { Envelope, RenderedEnvelope } from '../event/envelopes/envelope';
import type { RateLimit } from '../http/rate-limit';
import type { OutboxEntry, OutboxStore } from '../store/outbox-store';
import { delayBefore } from './back-off';
import type { Permit } from './breaker';
import type { Endpoint } from './endpoint';
import { seqsOf, type Job } from './job';
import { exhausted, type Outcome, type Retry } from './outcome';
import { send } from './sender';
import type { TargetQueue } from './target-queue';
import type { Transport } from './transport';
import { tellBreaker, type TripVerdict } from './trip-verdict';
import { asSageCrmError, isFault, mustBeTakenApart, render } from './webhook';

export interface DeliveryOptions {
  store: OutboxStore;
  transport: Transport;
  clock: Clock;
  random: Random;
  rateLimit: RateLimit;
  schedule: readonly number[];
  envelope: Envelope;
  /** More than one event may share a webhook. */
  isBatching: boolean;
  /** Throws a `SageCrmError` for a target that nothing can be sent to. */
  endpointFor: (target: string) => Endpoint;
  signal: AbortSignal;
  /** Runs an action of the store until it works. */
  steadily: <Result>(run: () => Promise<Result>) => Promise<Result>;
  onOutcomes: (outcomes: readonly Outcome[]) => void;
  onRetry: (retry: Retry) => void;
  onGone: (queue: TargetQueue, error: SageCrmError) => Promise<void>;
}

/** A webhook on its way. */
interface Trip {
  queue: TargetQueue;
  job: Job;
  permit: Permit;
  entries: readonly OutboxEntry[];
  /** The webhook's id; undefined: there is no webhook. */
  id?: string;
}

/** What came of a try; there is none when it was stopped. */
interface Attempt {
  trip: Trip;
  verdict: TripVerdict | undefined;
}

/** Makes one try of a job, and does what its verdict asks for. */
export class Delivery {
  constructor(private readonly options: DeliveryOptions) {}

  async attempt(queue: TargetQueue, job: Job, permit: Permit): Promise<Attempt> {
    const { store, steadily, signal, envelope, endpointFor } = this.options;
    const entries = await steadily(() => store.read(seqsOf(job)));
    const trip: Trip = { queue, job, permit, entries };
    await this.seal(trip);
    let webhook: RenderedEnvelope;
    let endpoint: Endpoint;
    try {
      endpoint = endpointFor(queue.target);
      webhook = render(envelope, entries, job.sealedAt);
    } catch (error) {
      return { trip, verdict: { kind: 'unsendable', error: asSageCrmError(error) } };
    }
    const verdict = await send(webhook, endpoint, this.options, signal);
    return { trip: { ...trip, id: webhook.id }, verdict };
  }

  /** Fixes the composition, so that no later run puts the events together in another way. */
  private async seal({ queue, job }: Trip): Promise<void> {
    const { store, steadily, isBatching, clock } = this.options;
    if (!isBatching || job.single || job.attempts > 0 || job.sealedAt !== undefined) return;
    const sealedAt = clock.now();
    await steadily(() => store.seal(queue.target, seqsOf(job), sealedAt));
    job.sealedAt = sealedAt;
  }

  /** What the verdict means for the target holds as soon as this is called; the rest is stored first. */
  async follow({ trip, verdict }: Attempt): Promise<void> {
    const { queue, job, permit } = trip;
    tellBreaker(queue.breaker, permit, verdict);
    switch (verdict?.kind) {
      case undefined:
        queue.giveBack(job);
        return;
      case 'delivered':
        await this.delivered(trip, verdict.statusCode);
        return;
      case 'retry':
        await this.retry(trip, verdict.error);
        return;
      case 'unsendable':
      case 'final':
        await this.refuse(trip, verdict.error);
        return;
      case 'gone':
        queue.giveBack(job);
        await this.options.onGone(queue, verdict.error);
    }
  }

  private async delivered(trip: Trip, statusCode: number): Promise<void> {
    const { store, steadily, onOutcomes } = this.options;
    const { queue, job, entries } = trip;
    await steadily(() => store.remove(entries));
    queue.release(job);
    const attempts = job.attempts + 1;
    onOutcomes(
      entries.map((entry) => ({
        entry,
        status: 'delivered',
        statusCode,
        attempts,
        id: idOf(trip, entry),
      })),
    );
  }

  private async retry(trip: Trip, error: SageCrmError): Promise<void> {
    const { store, steadily, schedule, random, clock, onRetry } = this.options;
    const { queue, job, entries } = trip;
    const { statusCode, retryAfterMs } = error.details;
    const attempts = job.attempts + 1;
    const waitMs = delayBefore(attempts + 1, schedule, random, retryAfterMs);
    if (waitMs === undefined) {
      await this.bury(trip, exhausted(attempts, error));
      return;
    }
    if (isFault(statusCode)) job.faults += 1;
    if (mustBeTakenApart(entries.length, job.faults)) {
      await this.unseal(trip);
      return;
    }
    job.attempts = attempts;
    const { faults, single } = job;
    const dueAt = clock.now() + waitMs;
    const told = { code: error.code, what: error.what };
    await steadily(() =>
      store.retryLater(entries[0]?.seq ?? 0, {
        ...{ attempts, faults, single, dueAt, waitMs },
        error: { ...told, ...(statusCode === undefined ? {} : { statusCode }) },
      }),
    );
    queue.park(job, waitMs);
    onRetry({
      id: trip.id ?? '',
      target: queue.target,
      events: entries.length,
      attempt: attempts + 1,
      delayMs: waitMs,
      error,
    });
  }

  /** One refused event must not take the others of its webhook with it. */
  private refuse(trip: Trip, error: SageCrmError): Promise<void> {
    return trip.entries.length > 1 ? this.unseal(trip) : this.bury(trip, error);
  }

  private async unseal({ queue, job }: Trip): Promise<void> {
    const { store, steadily } = this.options;
    await steadily(() => store.unseal(queue.target, seqsOf(job)));
    queue.takeApart(job);
  }

  private async bury(trip: Trip, error: SageCrmError): Promise<void> {
    const { store, steadily, clock, onOutcomes } = this.options;
    const { queue, job, entries, id } = trip;
    const { statusCode } = error.details;
    const status = statusCode === undefined ? {} : { statusCode };
    const reason = { code: error.code, message: error.message, ...status };
    const attempts = id === undefined ? job.attempts : job.attempts + 1;
    const burials = entries.map((entry) => ({ entry, reason, attempts }));
    const letters = await steadily(() => store.bury(burials, clock.now()));
    queue.release(job);
    onOutcomes(
      entries.map((entry, index) => ({
        ...{ entry, status: 'failed', attempts, error, ...status },
        id: idOf(trip, entry),
        letter: letters[index] ?? 0,
      })),
    );
  }
}

function idOf({ id }: Trip, { message }: OutboxEntry): string {
  return id ?? message.event.eventId;
}
