import { redisUnavailable } from '../../redis/redis-error';
import type {
  BullMq,
  ConnectionOptions,
  SharedJob,
  SharedQueue,
  SharedWorker,
  JobData,
} from './bull-mq';
import { NextTry } from './job-moves';
import { isTakenOver, passing } from './job-faults';
import { QUEUE_NAME } from './keys';

const SECOND_MS = 1_000;

/** A fault of ours costs a try, and is not repeated at once. */
const FAULT_PAUSE_MS = 60_000;

/** How soon BullMQ asks Redis again that was away. */
const ASK_AGAIN_MS = 1_000;

/** BullMQ keeps a stream of what happens, which nobody reads here. */
const MOST_JOB_EVENTS = 100;

export interface JobQueueOptions {
  bullmq: BullMq;
  /** Its commands wait for Redis. */
  client: ConnectionOptions;
  tag: string;
  concurrency: number;
  /** Jobs that begin in a second; 0: as many as there are. */
  rateLimit: number;
  lockMs: number;
  carry: (job: SharedJob, token: string) => Promise<void>;
  onError: (error: unknown) => void;
}

interface QueueParts extends Pick<JobQueueOptions, 'client' | 'tag'> {
  bullmq: Pick<BullMq, 'Queue'>;
  /** Only looks, and moves what is there: the settings of the queue are left alone. */
  skipMetasUpdate?: boolean;
}

/** The queue of an outbox, without anybody who works on it. */
export function openQueue({
  bullmq,
  client,
  tag,
  skipMetasUpdate = false,
}: QueueParts): SharedQueue {
  return new bullmq.Queue<JobData>(QUEUE_NAME, {
    ...{ connection: client, prefix: tag, skipMetasUpdate },
    streams: { events: { maxLen: MOST_JOB_EVENTS } },
  });
}

/** The jobs of BullMQ and this instance's worker. */
export class JobQueue {
  readonly queue: SharedQueue;
  private readonly worker: SharedWorker;
  private isAway = false;

  constructor(private readonly options: JobQueueOptions) {
    const { bullmq, tag, concurrency, carry, lockMs } = options;
    const shared = { connection: options.client, prefix: tag };
    this.queue = openQueue(options);
    this.worker = new bullmq.Worker<JobData>(
      QUEUE_NAME,
      (job: SharedJob, token = '') => carry(job, token),
      {
        ...{ ...shared, concurrency, autorun: false, runRetryDelay: ASK_AGAIN_MS },
        lockDuration: lockMs,
        stalledInterval: lockMs / 2,
        // A job that an instance dies with is never given up for that.
        maxStalledCount: Number.MAX_SAFE_INTEGER,
        settings: {
          backoffStrategy: (_attempts, _type, error) =>
            error instanceof NextTry ? error.delayMs : FAULT_PAUSE_MS,
        },
      },
    );
    const tell = (error: Error): void => {
      this.tell(error);
    };
    this.queue.on('error', tell);
    this.worker.on('error', tell);
    this.worker.on('failed', (_job, error) => {
      const isMeant = error instanceof NextTry || error instanceof bullmq.UnrecoverableError;
      if (!isMeant && !isTakenOver(error)) options.onError(error);
    });
    this.worker.on('active', () => {
      this.isAway = false;
    });
  }

  /** @throws SageCrmError `REDIS_UNAVAILABLE` */
  async start(): Promise<void> {
    const { concurrency, rateLimit } = this.options;
    try {
      await this.queue.setGlobalConcurrency(concurrency);
      if (rateLimit === 0) {
        await this.queue.removeGlobalRateLimit();
      } else {
        // A whole number of jobs in a time that fits: two and a half a second are two in 800 ms.
        const most = Math.max(1, Math.floor(rateLimit));
        await this.queue.setGlobalRateLimit(most, Math.ceil((most / rateLimit) * SECOND_MS));
      }
    } catch (error) {
      throw redisUnavailable(error);
    }
    await this.revive();
  }

  /** BullMQ ends its look-out for stalled jobs, or its work, at a fault that it does not expect. */
  async revive(): Promise<void> {
    if (this.worker.isRunning()) await this.worker.startStalledCheckTimer();
    else this.worker.run().catch(this.options.onError);
  }

  /** How many jobs are under way, in all instances. */
  active(): Promise<number> {
    return this.queue.getActiveCount();
  }

  lockOf(id: string): string {
    return `${this.queue.toKey(id)}:lock`;
  }

  /** Jobs that wait for later come at once; others are left alone. */
  async promote(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const job = await this.queue.getJob(id);
      const isDelayed = job !== undefined && (await job.isDelayed());
      if (isDelayed) await job.promote().catch(this.options.onError);
    }
  }

  /** Jobs that were not tried yet, and wait for later, come after `ms`; others are left alone. */
  async hasten(ids: readonly string[], ms: number): Promise<void> {
    for (const id of ids) {
      const job = await this.queue.getJob(id).catch(passing);
      if (job?.attemptsMade !== 0) continue;
      // A job that has begun meanwhile needs it no more.
      await job.changeDelay(ms).catch((error: unknown) => {
        if (!isTakenOver(error)) throw redisUnavailable(error);
      });
    }
  }

  /** Resolves when the jobs under way have ended. */
  async close(): Promise<void> {
    await this.worker.close();
    await this.queue.close();
  }

  /** Every command that waits for Redis says that it is away; once is enough. */
  private tell(error: Error): void {
    if (isTakenOver(error) || this.isAway) return;
    this.isAway = true;
    this.options.onError(redisUnavailable(error));
  }
}
