import type { Clock } from '../effects/clock';
import type { ProblemView } from './overview';
import { problemView } from './problem';

/** Remembers of a callback node what keeps it from delivering. */
export class CallbackWatch {
  private standing: ProblemView | undefined;

  constructor(private readonly clock: Clock) {}

  /** Why the last delivery failed; undefined after one that succeeds. */
  get problem(): ProblemView | undefined {
    return this.standing;
  }

  noteDelivered(): void {
    this.standing = undefined;
  }

  /**
   * @returns whether it is news: while a receiver is away, every try of every webhook fails in the
   *   same way
   */
  noteProblem(error: unknown): boolean {
    const problem = problemView(error, this.clock.now());
    const isNews = problem.code !== this.standing?.code;
    this.standing = problem;
    return isNews;
  }
}
