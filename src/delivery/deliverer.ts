import { setMaxListeners } from 'node:events';
import { SageCrmError } from '../errors/sagecrm-error';
import type { Clock } from '../effects/clock';
import type { Random } from '../effects/random';
import type { RenderedEnvelope } from '../event/envelopes/envelope';
import { DEFAULT_SCHEDULE, delayBefore } from './back-off';
import type { Endpoint } from './endpoint';
import { abortedFault } from './fault';
import { mergeHeaders } from './headers';
import { Lanes, Slots } from './lanes';
import type { Transport } from './transport';
import { judgeAnswer, judgeFault, type Verdict } from './verdict';

/** How many requests of one deliverer are under way at once. */
export const DEFAULT_CONCURRENCY = 8;

/** One webhook to deliver. */
export interface Delivery {
  /** Deliveries of one lane arrive in the order they were handed over: the record's type and id. */
  lane: string;
  webhook: RenderedEnvelope;
}

interface Tried {
  /** How many tries there were. */
  attempts: number;
  /** The webhook's id, the event's own. */
  id: string;
  /** The status of the last answer, where there was one. */
  statusCode?: number;
}

export type Outcome =
  | (Tried & { status: 'delivered'; statusCode: number })
  | (Tried & { status: 'failed'; error: SageCrmError });

/** Told when a try has failed and another one will follow. */
export interface Retry {
  id: string;
  /** The number of the try to come, from 2. */
  attempt: number;
  delayMs: number;
  error: SageCrmError;
}

export interface DelivererOptions {
  endpoint: Endpoint;
  transport: Transport;
  clock: Clock;
  random: Random;
  /** The longest wait before each try, in ms; its length is the number of tries. */
  schedule?: readonly number[];
  concurrency?: number;
  onRetry?: (retry: Retry) => void;
}

/**
 * Delivers webhooks to one endpoint: at least once, in order within a lane, lanes in parallel. A
 * delivery that waits for its next try holds up its own lane only.
 */
export class Deliverer {
  private readonly lanes = new Lanes();
  private readonly slots: Slots;
  private readonly schedule: readonly number[];
  private readonly stopping = new AbortController();
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(private readonly options: DelivererOptions) {
    this.slots = new Slots(options.concurrency ?? DEFAULT_CONCURRENCY);
    this.schedule = options.schedule ?? DEFAULT_SCHEDULE;
    // Every delivery listens to it; Node.js would take more than ten for a leak.
    setMaxListeners(0, this.stopping.signal);
  }

  /** How many deliveries have no outcome yet. */
  get pending(): number {
    return this.underWay.size;
  }

  /**
   * Resolves with the outcome, after the last try at the latest.
   *
   * @throws SageCrmError `ABORTED` when the deliverer is closed before there is one
   */
  async deliver({ lane, webhook }: Delivery): Promise<Outcome> {
    const delivering = this.lanes.run(lane, () => this.tryAll(webhook));
    this.underWay.add(delivering);
    try {
      return await delivering;
    } finally {
      this.underWay.delete(delivering);
    }
  }

  /**
   * Stops requests and waits, and ends the connections.
   *
   * @returns how many deliveries were left without an outcome
   */
  async close(): Promise<number> {
    const left = [...this.underWay];
    this.stopping.abort(abortedFault());
    const settled = await Promise.allSettled(left);
    this.options.transport.close();
    return settled.filter(({ status }) => status === 'rejected').length;
  }

  private async tryAll(webhook: RenderedEnvelope): Promise<Outcome> {
    const { id } = webhook;
    let last: SageCrmError | undefined;
    for (let attempts = 1; ; attempts += 1) {
      if (!(await this.waitFor(attempts, id, last))) {
        return failed(id, attempts - 1, exhausted(attempts - 1, last));
      }
      const verdict = await this.slots.run(() => this.tryOnce(webhook), this.stopping.signal);
      if (verdict.kind === 'delivered') {
        return { status: 'delivered', statusCode: verdict.statusCode, attempts, id };
      }
      if (verdict.kind === 'final') return failed(id, attempts, verdict.error);
      last = verdict.error;
    }
  }

  /** Waits until try number `attempt` is due; false when there are no more tries. */
  private async waitFor(attempt: number, id: string, last?: SageCrmError): Promise<boolean> {
    const { clock, random, onRetry } = this.options;
    const delayMs = delayBefore(attempt, this.schedule, random, last?.details.retryAfterMs);
    if (delayMs === undefined) return false;
    if (last !== undefined) onRetry?.({ id, attempt, delayMs, error: last });
    if (delayMs > 0) await clock.sleep(delayMs, this.stopping.signal);
    return true;
  }

  private async tryOnce(webhook: RenderedEnvelope): Promise<Verdict> {
    const { endpoint, transport, clock } = this.options;
    const { signal } = this.stopping;
    const { origin } = endpoint.url;
    try {
      const answer = await transport.post({
        url: endpoint.url,
        headers: mergeHeaders(
          { 'Content-Type': webhook.contentType, 'User-Agent': 'node-red-sagecrm' },
          endpoint.headers,
          webhook.headersFor(clock.now()),
        ),
        body: webhook.body,
        timeoutMs: endpoint.timeoutMs,
        signal,
      });
      return judgeAnswer(answer, origin, clock.now());
    } catch (error) {
      if (signal.aborted) throw abortedFault();
      return judgeFault(error, origin);
    }
  }
}

function failed(id: string, attempts: number, error: SageCrmError): Outcome {
  const { statusCode } = error.details;
  return {
    status: 'failed',
    ...(statusCode === undefined ? {} : { statusCode }),
    attempts,
    id,
    error,
  };
}

function exhausted(attempts: number, last: SageCrmError | undefined): SageCrmError {
  const statusCode = last?.details.statusCode;
  return new SageCrmError(
    'DELIVERY_FAILED',
    `The webhook was not delivered in ${attempts} tries; at last: ${last?.what ?? 'no try was made'}`,
    last?.nextStep ?? 'allow at least one try',
    { cause: last, details: statusCode === undefined ? {} : { statusCode } },
  );
}
