import { DEFAULT_SCHEDULE } from '../config/retry-schedule';
import { Background } from '../effects/background';
import { Throttle } from '../effects/throttle';
import { SageCrmError } from '../errors/sagecrm-error';
import { RateLimit } from '../http/rate-limit';
import type { DeadLetter, LetterPage, OutboxStore } from '../store/outbox-store';
import type { CallbackOutbox, OutboxItem } from './callback-outbox';
import { DeadLetterBox, MOST_LETTERS, OLDEST_LETTER_MS } from './dead-letters';
import { Dispatcher } from './dispatcher';
import { abortedFault } from './fault';
import { laneOf } from './input';
import type { OutboxOptions } from './outbox-options';
import type { OutboxStatus } from './outbox-status';
import type { Outcome } from './outcome';

export const DEFAULT_CONCURRENCY = 8;

/** How often the age of dead letters is looked at. */
export const TIDY_EVERY_MS = 3_600_000;

const STATUS_INTERVAL_MS = 200;

export interface LocalOutboxOptions extends OutboxOptions {
  store: OutboxStore;
}

/**
 * Takes events durably and delivers each at least once: in order within a record, records in
 * parallel. What waits survives a stop and a crash, and never fills the memory.
 */
export class Outbox implements CallbackOutbox {
  private readonly dispatcher: Dispatcher;
  private readonly box: DeadLetterBox;
  private readonly statusFeed: Throttle<undefined>;
  private readonly closing = new AbortController();
  /** What the box and the status read, which must end before the store is closed. */
  private readonly background: Background;

  constructor(private readonly options: LocalOutboxOptions) {
    const { store, clock, schedule = DEFAULT_SCHEDULE, onWarning = ignore } = options;
    if (schedule.length === 0) throw noTries();
    this.box = new DeadLetterBox({
      letters: store.letters,
      clock,
      most: options.mostLetters ?? MOST_LETTERS,
      maxAgeMs: options.letterAgeMs ?? OLDEST_LETTER_MS,
      onWarning,
    });
    this.background = new Background((error) => {
      if (!this.closing.signal.aborted) options.onError?.(error);
    });
    this.statusFeed = new Throttle(
      () => {
        this.background.run(async () => options.onStatus?.(await this.status()));
      },
      STATUS_INTERVAL_MS,
      clock,
    );
    this.dispatcher = new Dispatcher({
      ...options,
      schedule,
      concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
      rateLimit: new RateLimit(options.rateLimit ?? 0, clock),
      batchSize: options.batchSize ?? 1,
      flushMs: options.flushMs ?? 0,
      onOutcomes: (outcomes) => {
        this.told(outcomes);
      },
      onRetry: options.onRetry ?? ignore,
      onGone: (_target, error) => {
        onWarning(error);
      },
      onError: options.onError ?? ignore,
      onChange: () => {
        this.statusFeed.push(undefined);
      },
    });
  }

  async start(): Promise<void> {
    await this.dispatcher.start();
    this.background.run(() => this.tidyNowAndThen());
    this.statusFeed.push(undefined);
  }

  async take({ message, target, instanceId }: OutboxItem): Promise<void> {
    if (this.closing.signal.aborted) throw abortedFault();
    const { fault } = this.dispatcher;
    if (fault instanceof Error) throw fault;
    const { store, clock } = this.options;
    const lane = JSON.stringify([target, laneOf(message)]);
    await store.take({ message, target, instanceId, lane, takenAt: clock.now() });
    this.dispatcher.arrived(target);
    this.statusFeed.push(undefined);
  }

  async status(): Promise<OutboxStatus> {
    const { store } = this.options;
    const oldestAt = store.depth === 0 ? undefined : await store.oldestAt();
    return {
      depth: store.depth,
      ...(oldestAt === undefined ? {} : { oldestAt }),
      inFlight: this.dispatcher.inFlight,
      dead: this.box.count,
      breaker: this.dispatcher.breaker,
      gone: [...this.dispatcher.disabled],
    };
  }

  deadLetters(page: LetterPage): Promise<DeadLetter[]> {
    return this.box.list(page);
  }

  async replayDead(letters?: readonly number[]): Promise<number> {
    const targets = await this.box.replay(letters);
    for (const target of new Set(targets)) this.dispatcher.arrived(target);
    await this.afterLetters();
    return targets.length;
  }

  async dropDead(letters?: readonly number[]): Promise<number> {
    const dropped = await this.box.drop(letters);
    await this.afterLetters();
    return dropped;
  }

  async enable(target?: string): Promise<void> {
    const targets = target === undefined ? [...this.dispatcher.disabled] : [target];
    for (const disabled of targets) await this.dispatcher.enable(disabled);
    this.statusFeed.push(undefined);
  }

  async close(graceMs = 0): Promise<number> {
    const { store, transport } = this.options;
    this.closing.abort(abortedFault());
    this.statusFeed.close();
    await this.dispatcher.close(graceMs);
    await this.background.settled();
    transport.close();
    await store.close();
    return store.depth;
  }

  private told(outcomes: readonly Outcome[]): void {
    const { onOutcome, onError } = this.options;
    if (outcomes.some(({ status }) => status === 'failed'))
      this.background.run(() => this.box.tidy());
    try {
      for (const outcome of outcomes) onOutcome?.(outcome);
    } catch (error) {
      // A listener's fault must not hold up deliveries.
      onError?.(error);
    }
  }

  private async afterLetters(): Promise<void> {
    await this.box.tidy();
    this.statusFeed.push(undefined);
  }

  private async tidyNowAndThen(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      await this.box.tidy();
      await this.options.clock.sleep(TIDY_EVERY_MS, signal);
    }
  }
}

function ignore(): void {
  // Nobody wants to know.
}

function noTries(): SageCrmError {
  return new SageCrmError(
    'CONFIG_INVALID',
    'The retry schedule has no step',
    'allow at least one try',
    { details: { field: 'schedule' } },
  );
}
