import type { Clock } from '../../effects/clock';
import type { BullMq, SharedJob } from './bull-mq';
import type { SharedStore } from './shared-store';
import type { Turn } from './turn';

/** A job whose target is silent comes back this often even if nobody enables it. */
const HOLD_MS = 3_600_000;

/** Tells BullMQ when the next try is due. */
export class NextTry extends Error {
  constructor(
    message: string,
    readonly delayMs: number,
  ) {
    super(message);
  }
}

export interface JobMovesOptions {
  bullmq: Pick<BullMq, 'DelayedError' | 'UnrecoverableError' | 'WaitingError'>;
  store: SharedStore;
  clock: Clock;
  /** Runs an action of Redis until it works. */
  steadily: <Result>(run: () => Promise<Result>) => Promise<Result>;
}

/** Where a job goes that is neither done nor tried; it uses up no try. What is thrown tells BullMQ. */
export class JobMoves {
  constructor(private readonly options: JobMovesOptions) {}

  /** Until its target is enabled. */
  async hold(job: SharedJob, token: string, turn: Turn): Promise<never> {
    const { store, steadily, clock, bullmq } = this.options;
    await delay(job, token, clock.now() + HOLD_MS);
    // It may have been enabled just before.
    if (!(await steadily(() => store.hold(turn)))) await job.promote();
    throw new bullmq.DelayedError();
  }

  async postpone(job: SharedJob, token: string, ms: number): Promise<never> {
    await delay(job, token, this.options.clock.now() + ms);
    throw new this.options.bullmq.DelayedError();
  }

  /** Lets another instance have the job at once; without a connection, once the lock has run out. */
  async handBack(job: SharedJob, token: string): Promise<never> {
    await job.moveToWait(token).catch(() => undefined);
    throw new this.options.bullmq.WaitingError();
  }

  /** Makes the job a failed one, which nobody tries again. */
  failure(message: string): Error {
    return new this.options.bullmq.UnrecoverableError(message);
  }
}

/** Without a connection the job keeps its lock until that runs out, and is then begun anew. */
async function delay(job: SharedJob, token: string, until: number): Promise<void> {
  await job.moveToDelayed(until, token).catch(() => undefined);
}
