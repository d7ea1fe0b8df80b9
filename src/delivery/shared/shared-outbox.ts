import { DEFAULT_SCHEDULE } from '../../config/retry-schedule';
import { Background } from '../../effects/background';
import { Throttle } from '../../effects/throttle';
import type { SageCrmError } from '../../errors/sagecrm-error';
import type { DeadLetter, LetterPage } from '../../store/outbox-store';
import type { CallbackOutbox, OutboxItem } from '../callback-outbox';
import { DeadLetterBox, MOST_LETTERS, OLDEST_LETTER_MS } from '../dead-letters';
import { addressOf } from '../endpoint';
import { abortedFault } from '../fault';
import { laneOf } from '../input';
import { DEFAULT_CONCURRENCY, TIDY_EVERY_MS } from '../outbox';
import type { OutboxStatus } from '../outbox-status';
import type { Outcome } from '../outcome';
import { steadily } from '../steadily';
import { Breakers } from './breakers';
import { Courier } from './courier';
import { JobFeed } from './job-feed';
import { SharedLetters } from './shared-letters';
import type { SharedOutboxOptions } from './shared-outbox-options';
import { SharedStore } from './shared-store';
import { SharedTasks } from './shared-tasks';
import { JobQueue } from './job-queue';

const STATUS_INTERVAL_MS = 200;

const LOCK_MS = 30_000;

/** Looks for what other instances have left undone, in the time of one lock. */
const PATROLS = 2;

/** Without Redis the ends of a run cannot be told; it is not waited for longer. */
const LONGEST_FAREWELL_MS = 3_000;

/**
 * An outbox on BullMQ that several Node-RED share: each takes events, and each delivers what waits.
 *
 * BullMQ keeps the jobs, their tries, delays, locks and failures. A job is added only for the first
 * event of a lane, so that a record's events never overtake each other; see `SharedStore`.
 */
export class SharedOutbox implements CallbackOutbox {
  private readonly store: SharedStore;
  private readonly jobs: JobQueue;
  private readonly feed: JobFeed;
  private readonly letters: SharedLetters;
  private readonly box: DeadLetterBox;
  private readonly breakers: Breakers;
  private readonly statusFeed: Throttle<undefined>;
  /** Nothing more is taken. */
  private readonly closing = new AbortController();
  /** Requests under way are ended. */
  private readonly stopping = new AbortController();
  private readonly background: Background;
  private depth = 0;

  constructor(private readonly options: SharedOutboxOptions) {
    const { clock, random, redis, prefix, node, schedule = DEFAULT_SCHEDULE } = options;
    const size = Math.max(1, Math.min(options.batchSize ?? 1, options.envelope.maxEvents));
    this.store = new SharedStore(redis, prefix, node, size);
    this.breakers = new Breakers(clock, random);
    const onError = (error: unknown): void => {
      if (!this.closing.signal.aborted) options.onError?.(error);
    };
    this.background = new Background(onError);
    const courier = new Courier({
      ...options,
      ...{ schedule, onError, store: this.store, breakers: this.breakers },
      tasks: new SharedTasks(this.store, size),
      signal: this.stopping.signal,
      steadily: (run) => steadily(run, { clock, signal: this.stopping.signal, onError }),
      lockOf: (id) => this.jobs.lockOf(id),
      onComing: (coming) => {
        this.feed.push(coming);
      },
      onOutcome: (outcome) => {
        this.told(outcome);
      },
      onRetry: (retry) => options.onRetry?.(retry),
      onGone: (target, error) => this.disable(target, error),
    });
    this.jobs = new JobQueue({
      ...options,
      ...{ onError, tag: this.store.keys.tag },
      concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
      lockMs: this.lockMs,
      rateLimit: options.rateLimit ?? 0,
      carry: async (job, token) => {
        this.statusFeed.push(undefined);
        try {
          await courier.carry(job, token);
        } finally {
          this.statusFeed.push(undefined);
        }
      },
    });
    this.feed = new JobFeed({
      ...{ store: this.store, queue: this.jobs.queue, clock, random, onError },
      signal: this.stopping.signal,
      firstWaitMs: schedule[0] ?? 0,
      flushMs: options.flushMs ?? 0,
      hasten: (ids, ms) => this.jobs.hasten(ids, ms),
    });
    this.letters = new SharedLetters(this.store, this.jobs.queue, (coming) => {
      this.feed.push(coming);
    });
    this.box = new DeadLetterBox({
      ...{ letters: this.letters, clock },
      most: options.mostLetters ?? MOST_LETTERS,
      maxAgeMs: options.letterAgeMs ?? OLDEST_LETTER_MS,
      onWarning: (warning) => options.onWarning?.(warning),
    });
    this.statusFeed = new Throttle(
      () => {
        this.background.run(async () => options.onStatus?.(await this.status()));
      },
      STATUS_INTERVAL_MS,
      clock,
    );
  }

  async start(): Promise<void> {
    await this.forgetOldAddresses();
    await this.jobs.start();
    await this.feed.recover(true);
    this.background.run(() => this.nowAndThen(this.lockMs / PATROLS, () => this.patrol()));
    this.background.run(() => this.nowAndThen(TIDY_EVERY_MS, () => this.box.tidy()));
    this.statusFeed.push(undefined);
  }

  async take({ message, target, instanceId }: OutboxItem): Promise<void> {
    if (this.closing.signal.aborted) throw abortedFault();
    const lane = JSON.stringify([target, laneOf(message)]);
    const takenAt = this.options.clock.now();
    this.feed.push(await this.store.take({ message, target, instanceId, lane, takenAt }));
    this.statusFeed.push(undefined);
  }

  async status(): Promise<OutboxStatus> {
    const [counts, inFlight] = await Promise.all([this.store.counts(), this.jobs.active()]);
    this.depth = counts.depth;
    return { ...counts, inFlight, breaker: this.breakers.state };
  }

  deadLetters(page: LetterPage): Promise<DeadLetter[]> {
    return this.box.list(page);
  }

  async replayDead(letters?: readonly number[]): Promise<number> {
    const targets = await this.box.replay(letters);
    await this.afterLetters();
    return targets.length;
  }

  async dropDead(letters?: readonly number[]): Promise<number> {
    const dropped = await this.box.drop(letters);
    await this.afterLetters();
    return dropped;
  }

  async enable(target?: string): Promise<void> {
    const all = (await this.store.disabled()).map((disabled) => disabled.target);
    for (const disabled of target === undefined ? all : [target]) {
      await this.jobs.promote(await this.store.enable(disabled));
    }
    this.statusFeed.push(undefined);
  }

  async close(graceMs = 0): Promise<number> {
    const { clock, release, transport } = this.options;
    this.closing.abort(abortedFault());
    this.statusFeed.close();
    const over = new AbortController();
    const ended = this.jobs.close().finally(() => {
      over.abort();
    });
    await clock.sleep(graceMs, over.signal).catch(() => undefined);
    this.stopping.abort(abortedFault());
    await Promise.race([
      ended.then(() => this.feed.settled()),
      clock.sleep(LONGEST_FAREWELL_MS, this.farewell(ended)).catch(() => undefined),
    ]);
    await this.background.settled();
    const left = await this.store.counts().catch(() => ({ depth: this.depth }));
    release();
    transport.close();
    return left.depth;
  }

  /** Aborted once the jobs are ended, so that no timer is left behind. */
  private farewell(ended: Promise<void>): AbortSignal {
    const timer = new AbortController();
    const over = (): void => {
      timer.abort();
    };
    ended.then(() => this.feed.settled()).then(over, over);
    return timer.signal;
  }

  private told(outcome: Outcome): void {
    const { onOutcome, onError } = this.options;
    if (outcome.status === 'failed') this.background.run(() => this.box.tidy());
    try {
      onOutcome?.(outcome);
    } catch (error) {
      // A listener's fault must not hold up deliveries.
      onError?.(error);
    }
  }

  private async disable(target: string, error: SageCrmError): Promise<void> {
    const disabled = { target, address: addressOf(this.options.endpointFor, target) };
    const { clock, onError, onWarning } = this.options;
    const { signal } = this.stopping;
    const isNews = await steadily(() => this.store.disable(disabled), {
      ...{ clock, signal },
      onError: (fault) => onError?.(fault),
    });
    if (isNews) onWarning?.(error);
  }

  /** An answer of the URL that a node had before says nothing about its present one. */
  private async forgetOldAddresses(): Promise<void> {
    for (const { target, address } of await this.store.disabled()) {
      if (address !== addressOf(this.options.endpointFor, target)) await this.enable(target);
    }
  }

  private async afterLetters(): Promise<void> {
    await this.box.tidy();
    this.statusFeed.push(undefined);
  }

  private get lockMs(): number {
    return this.options.lockMs ?? LOCK_MS;
  }

  /** What other instances have left undone is done. */
  private async patrol(): Promise<void> {
    await this.jobs.revive();
    await this.letters.emptyTrash();
    await this.feed.recover(false);
  }

  /** What other instances have done is seen, too. */
  private async nowAndThen(ms: number, run: () => Promise<void>): Promise<void> {
    const { signal } = this.closing;
    for (;;) {
      try {
        await run();
      } catch (error) {
        if (!signal.aborted) this.options.onError?.(error);
      }
      this.statusFeed.push(undefined);
      await this.options.clock.sleep(ms, signal);
    }
  }
}
