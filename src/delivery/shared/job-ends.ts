import type { Clock } from '../../effects/clock';
import type { SageCrmError } from '../../errors/sagecrm-error';
import type { Outcome } from '../outcome';
import { passing } from './job-faults';
import type { JobMoves } from './job-moves';
import type { Lock, Settled, SharedTasks, SharedVerdict } from './shared-tasks';
import { triedOf, type Trip } from './trip';
import type { Coming } from './turn';

export interface JobEndsOptions {
  tasks: SharedTasks;
  clock: Clock;
  /** Runs an action of Redis until it works. */
  steadily: <Result>(run: () => Promise<Result>) => Promise<Result>;
  /** The key of a job's lock. */
  lockOf: (id: string) => string;
  onComing: (coming: Coming) => void;
  onOutcome: (outcome: Outcome) => void;
}

/** What becomes of a job's events once there is an answer, or no further try. */
export class JobEnds {
  constructor(
    private readonly options: JobEndsOptions,
    private readonly moves: JobMoves,
  ) {}

  async delivered(trip: Trip, statusCode: number): Promise<void> {
    const settled = await this.settle(trip, 'delivered');
    if (settled === undefined) return;
    for (const entry of trip.load.entries) {
      this.options.onOutcome({ ...triedOf(trip, entry), status: 'delivered', statusCode });
    }
  }

  /** Each event becomes a dead letter of its own, in its turn. */
  async giveUp(trip: Trip, error: SageCrmError): Promise<void> {
    if (trip.load.entries.length === 1) return this.bury(trip, error);
    const { code, what, nextStep, details } = error;
    const { attempts, id = '' } = trip;
    const { statusCode } = details;
    return this.takeApart(trip, {
      ...{ code, what, nextStep, attempts: attempts + 1, id },
      ...(statusCode === undefined ? {} : { statusCode }),
    });
  }

  async takeApart(trip: Trip, verdict?: SharedVerdict): Promise<undefined> {
    const { steadily, tasks, onComing } = this.options;
    const { job, token, turn, load } = trip;
    const coming = await steadily(() =>
      tasks.takeApart(turn, load.entries, this.lockOf(trip), job.attemptsMade, verdict),
    );
    if (coming === undefined) return;
    onComing(coming);
    return this.moves.postpone(job, token, 0);
  }

  async bury(trip: Trip, error: SageCrmError): Promise<undefined> {
    const { clock, steadily, onOutcome } = this.options;
    const { job, load } = trip;
    const [entry] = load.entries;
    if (entry === undefined) return;
    const { statusCode } = error.details;
    const status = statusCode === undefined ? {} : { statusCode };
    const tried = triedOf(trip, entry);
    const reason = { code: error.code, message: error.message, ...status };
    // Before the event is ended: a letter is never without its event.
    const letter = { event: entry, reason, attempts: tried.attempts, buriedAt: clock.now() };
    await steadily(() => job.updateData({ ...job.data, letter }).catch(passing));
    const settled = await this.settle(trip, 'dead');
    if (settled === undefined) return;
    onOutcome({ ...tried, ...status, status: 'failed', error, letter: settled.letter });
    throw this.moves.failure(error.what);
  }

  private async settle(trip: Trip, end: 'delivered' | 'dead'): Promise<Settled | undefined> {
    const { tasks, steadily, onComing } = this.options;
    const { turn, load } = trip;
    const settled = await steadily(() => tasks.settle(turn, load.entries, this.lockOf(trip), end));
    if (settled !== undefined) onComing(settled.coming);
    return settled;
  }

  lockOf({ turn, token }: Pick<Trip, 'turn' | 'token'>): Lock {
    return { key: this.options.lockOf(turn.id), token };
  }
}
