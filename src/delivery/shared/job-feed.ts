import { GroupCommit } from '../../effects/group-commit';
import type { Clock } from '../../effects/clock';
import type { Random } from '../../effects/random';
import { jittered } from '../back-off';
import { steadily } from '../steadily';
import type { JobData, SharedQueue } from './bull-mq';
import { passing } from './job-faults';
import type { SharedStore } from './shared-store';
import type { Coming, DueTurn } from './turn';

/** Whether there is another try is for the schedule to say, which a deploy may change. */
const ATTEMPTS = Number.MAX_SAFE_INTEGER;

export interface JobFeedOptions {
  store: SharedStore;
  queue: SharedQueue;
  random: Random;
  /** The wait before the first try. */
  firstWaitMs: number;
  /** How long a webhook waits for more events before that. */
  flushMs: number;
  /** Lets jobs that were not tried yet, and wait for later, come after `ms`. */
  hasten: (ids: readonly string[], ms: number) => Promise<void>;
  clock: Clock;
  signal: AbortSignal;
  onError: (error: unknown) => void;
}

/**
 * Adds a job for each event whose turn has come. Adding one again does no harm: while it is there
 * BullMQ leaves it alone, and afterwards the job finds that its event is over.
 */
export class JobFeed {
  private readonly writes: GroupCommit<Coming>;
  private readonly running = new Set<Promise<void>>();
  /** Events that were due at the last look. */
  private seen: ReadonlySet<string> = new Set();

  constructor(private readonly options: JobFeedOptions) {
    this.writes = new GroupCommit((comings) => this.write(comings));
  }

  /** Adds jobs soon; what fails is found again by `recover`. */
  push(coming: Coming): void {
    if (coming.turns.length === 0 && coming.full.length === 0) return;
    const { clock, signal, onError } = this.options;
    const running = steadily(() => this.writes.add([coming]), { clock, signal, onError })
      .catch((error: unknown) => {
        if (!signal.aborted) onError(error);
      })
      .finally(() => this.running.delete(running));
    this.running.add(running);
  }

  /**
   * Adds the jobs that an instance has not come to add, since it was killed or frozen or had no
   * connection: those due at this look and at the one before.
   */
  async recover(all: boolean): Promise<void> {
    const { store } = this.options;
    const due = await store.due();
    const left = due.filter((id) => all || this.seen.has(id));
    this.seen = new Set(due);
    for (const id of left) {
      const turn = await store.turn(id);
      if (turn === undefined) await store.added([id]);
      else this.push({ turns: [turn], full: [] });
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  private async write(comings: readonly Coming[]): Promise<void> {
    await this.addJobs(comings.flatMap(({ turns }) => turns));
    const full = new Set(comings.flatMap(({ full }) => full));
    await this.options.hasten([...full], this.firstWait());
  }

  private async addJobs(turns: readonly DueTurn[]): Promise<void> {
    if (turns.length === 0) return;
    const { queue, store, flushMs } = this.options;
    await queue
      .addBulk(
        turns.map(({ id, lane, target, group, waits }) => ({
          name: 'deliver',
          data: { lane, target, group } satisfies JobData,
          opts: {
            jobId: id,
            delay: this.firstWait() + (waits ? flushMs : 0),
            attempts: ATTEMPTS,
            backoff: { type: 'custom' },
            removeOnComplete: true,
            removeOnFail: false,
            stackTraceLimit: 0,
          },
        })),
      )
      .catch(passing);
    await store.added(turns.map(({ id }) => id));
  }

  private firstWait(): number {
    const { firstWaitMs, random } = this.options;
    return firstWaitMs === 0 ? 0 : jittered(firstWaitMs, random);
  }
}
