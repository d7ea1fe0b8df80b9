import { setMaxListeners } from 'node:events';
import { Background } from '../effects/background';
import type { SageCrmError } from '../errors/sagecrm-error';
import type { BreakerState, Permit } from './breaker';
import { Delivery, type DeliveryOptions } from './delivery';
import { addressOf } from './endpoint';
import { abortedFault } from './fault';
import type { Job } from './job';
import { steadily } from './steadily';
import { TargetQueue, type QueueContext } from './target-queue';
import { TargetQueues } from './target-queues';
import { TargetWalk } from './target-walk';

/** How many jobs may be in memory; those of one target may always be so many. */
const MOST_JOBS = 10_000;
const JOBS_OF_ANY_TARGET = 64;

/** How many outcomes may wait to be stored for each slot, before nothing more is sent. */
const OUTCOMES_PER_SLOT = 4;

type Shared = 'signal' | 'steadily' | 'onGone' | 'isBatching';

export interface DispatcherOptions extends Omit<DeliveryOptions, Shared> {
  batchSize: number;
  flushMs: number;
  /** How many requests are under way at once. */
  concurrency: number;
  /** A target wants nothing any more. */
  onGone: (target: string, error: SageCrmError) => void;
  /** What stopped everything, or what the disk says, which is asked again. */
  onError: (error: unknown) => void;
  onChange: () => void;
}

/** Shares the slots for requests among the targets that have something to send. */
export class Dispatcher {
  readonly disabled = new Set<string>();
  /** How many requests are under way. */
  inFlight = 0;
  /** Those, and outcomes that are not stored yet. */
  private underWay = 0;
  /** What has stopped everything. */
  fault: unknown;
  private readonly queues = new TargetQueues();
  private readonly stopping = new AbortController();
  private readonly delivery: Delivery;
  private readonly context: QueueContext;
  private readonly walk: TargetWalk;
  private readonly background: Background;
  private isStopped = true;

  constructor(private readonly options: DispatcherOptions) {
    const { store, clock, random, envelope, schedule, flushMs } = options;
    const batchSize = Math.max(1, Math.min(options.batchSize, envelope.maxEvents));
    // Every request listens to it; Node.js would take more than ten for a leak.
    setMaxListeners(0, this.stopping.signal);
    this.background = new Background((error) => {
      this.halt(error);
    });
    this.walk = new TargetWalk({
      store,
      hasRoom: () => this.queues.hasRoom,
      onFound: (target) => {
        this.arrived(target);
      },
    });
    this.delivery = new Delivery({
      ...options,
      isBatching: batchSize > 1,
      signal: this.stopping.signal,
      steadily: (run) => this.steadily(run),
      onGone: (queue, error) => this.disable(queue, error),
    });
    this.context = {
      ...{ store, clock, random, batchSize, flushMs },
      maxEvents: envelope.maxEvents,
      firstWaitMs: schedule[0] ?? 0,
      hasRoom: (jobs) => jobs < JOBS_OF_ANY_TARGET || this.queues.jobs < MOST_JOBS,
      wake: (queue) => {
        this.wake(queue);
      },
      background: (run) => {
        this.background.run(() => this.steadily(run));
      },
    };
  }

  get breaker(): BreakerState {
    return this.queues.breaker;
  }

  /** Takes up what waits in the store. */
  async start(): Promise<void> {
    await this.readDisabled();
    this.isStopped = false;
    await this.walk.go();
  }

  /** An answer of the URL that a node had before says nothing about its present one. */
  private async readDisabled(): Promise<void> {
    const { store } = this.options;
    for (const { target, address } of await store.disabled()) {
      if (address === addressOf(this.options.endpointFor, target)) this.disabled.add(target);
      else await store.enable(target);
    }
  }

  /** An event for the target has been stored. */
  arrived(target: string): void {
    if (this.isStopped || this.disabled.has(target)) return;
    this.queueOf(target)?.arrived();
  }

  /** Serves a target again that was disabled. */
  async enable(target: string): Promise<void> {
    await this.options.store.enable(target);
    this.disabled.delete(target);
    const queue = this.queues.get(target);
    if (queue !== undefined) queue.isGone = false;
    this.arrived(target);
  }

  /**
   * Starts nothing more, lets what is under way end by itself for `graceMs` and then ends it.
   */
  async close(graceMs: number): Promise<void> {
    this.isStopped = true;
    this.queues.close();
    if (graceMs > 0 && this.underWay > 0) await this.settledWithin(graceMs);
    this.stopping.abort(abortedFault());
    await this.background.settled();
  }

  private get hasSlot(): boolean {
    const { concurrency } = this.options;
    if (this.isStopped || this.inFlight >= concurrency) return false;
    return this.underWay < concurrency * (1 + OUTCOMES_PER_SLOT);
  }

  private queueOf(target: string): TargetQueue | undefined {
    const queue = this.queues.getOr(target, () => {
      const created = new TargetQueue(target, this.context);
      this.context.background(() => created.restore());
      return created;
    });
    if (queue === undefined) this.walk.hasMore = true;
    return queue;
  }

  private wake(queue: TargetQueue): void {
    this.queues.line(queue);
    this.pump();
  }

  private pump(): void {
    while (this.hasSlot) {
      const queue = this.queues.takeFirst();
      if (queue === undefined) return;
      const job = queue.next();
      if (job === undefined) {
        this.settle(queue);
      } else {
        this.queues.line(queue);
        this.send(queue, job);
      }
    }
  }

  private send(queue: TargetQueue, job: Job): void {
    this.inFlight += 1;
    this.underWay += 1;
    queue.underWay += 1;
    const permit = queue.breaker.begin();
    this.background.run(async () => {
      try {
        await this.carry(queue, job, permit);
      } finally {
        this.underWay -= 1;
        queue.underWay -= 1;
        this.wake(queue);
        this.options.onChange();
      }
    });
    this.options.onChange();
  }

  /** The slot is free again once the verdict is known, while its outcome is being stored. */
  private async carry(queue: TargetQueue, job: Job, permit: Permit): Promise<void> {
    let following: Promise<void>;
    try {
      following = this.delivery.follow(await this.delivery.attempt(queue, job, permit));
    } finally {
      this.inFlight -= 1;
    }
    this.pump();
    await following;
  }

  /** Forgets a queue that is of no use at the moment; its events are in the store. */
  private settle(queue: TargetQueue): void {
    if (queue.underWay > 0) return;
    if (!queue.isGone && !(queue.isEmpty && queue.breaker.isClear)) return;
    this.queues.discard(queue);
    if (this.walk.isWanted) this.context.background(() => this.walk.go());
  }

  private async disable(queue: TargetQueue, error: SageCrmError): Promise<void> {
    const { store, clock, onGone } = this.options;
    const { target } = queue;
    const isNews = !queue.isGone;
    queue.isGone = true;
    this.disabled.add(target);
    await this.steadily(() =>
      store.disable({ target, address: addressOf(this.options.endpointFor, target) }, clock.now()),
    );
    if (isNews) onGone(target, error);
  }

  private steadily<Result>(run: () => Promise<Result>): Promise<Result> {
    const { clock, onError } = this.options;
    return steadily(run, { clock, signal: this.stopping.signal, onError });
  }

  /** State that cannot be understood, or a fault of ours: nothing goes out any more. */
  private halt(error: unknown): void {
    if (this.stopping.signal.aborted || this.fault !== undefined) return;
    this.fault = error;
    this.isStopped = true;
    this.queues.close();
    this.options.onError(error);
  }

  private async settledWithin(ms: number): Promise<void> {
    const timer = new AbortController();
    const over = this.options.clock.sleep(ms, timer.signal).catch(() => undefined);
    await Promise.race([over, this.background.settled()]);
    timer.abort();
  }
}
