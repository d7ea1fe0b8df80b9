import type { Clock } from '../effects/clock';
import type { SageCrmError } from '../errors/sagecrm-error';
import type { PollerStatus, PollReport, ResourceStatus } from '../poll/poller-status';
import type { PollOverview, ProblemView, ResourceOverview } from './overview';
import { problemView } from './problem';

/** What is asked of the poller itself, at the moment of an overview. */
export interface PollerView {
  paused: boolean;
  unacknowledged: number;
  /** Empty before the first poll. */
  resources: readonly ResourceStatus[];
  /** Cursors as they were stored at the start, by resource: ISO 8601 in UTC. */
  storedCursors: ReadonlyMap<string, string>;
}

/** What became of the polls of one resource. */
interface Watched {
  lastPollAt: number;
  problem?: ProblemView | undefined;
}

/** Of a resource that was not polled yet. */
const NOTHING_KNOWN: Omit<ResourceStatus, 'resource'> = {
  cursor: null,
  nextPollInMs: null,
  failures: 0,
};

/** Remembers of a poll node what its overview shows. */
export class PollWatch {
  private status: PollerStatus = { kind: 'idle', changes: 0 };
  private problem: ProblemView | undefined;
  private readonly watched = new Map<string, Watched>();

  /** @param resources names of those that are polled, in their order */
  constructor(
    private readonly resources: readonly string[],
    private readonly clock: Clock,
  ) {}

  noteStatus(status: PollerStatus): void {
    this.status = status;
    if (status.kind === 'refused') this.problem = problemView(status.error, this.clock.now());
    // A poll that has begun has got over what kept the node as a whole from polling.
    else if (status.kind === 'polling') this.problem = undefined;
  }

  noteReport({ resource, error }: PollReport): void {
    const problem = error === undefined ? undefined : this.watched.get(resource)?.problem;
    this.watched.set(resource, { lastPollAt: this.clock.now(), problem });
  }

  /** @param resource undefined when the node as a whole is concerned */
  noteProblem(error: SageCrmError, resource: string | undefined): void {
    const problem = problemView(error, this.clock.now());
    if (resource === undefined) this.problem = problem;
    else this.watched.set(resource, { lastPollAt: problem.at, problem });
  }

  overview(view: PollerView): Omit<PollOverview, 'id' | 'name' | 'flow'> {
    const { status, problem } = this;
    return {
      // Whether here or elsewhere, its resources are polled.
      state: status.kind === 'elsewhere' ? 'idle' : status.kind,
      unacknowledged: view.unacknowledged,
      ...(problem === undefined ? {} : { problem }),
      resources: this.resources.map((resource) => this.resourceOverview(resource, view)),
    };
  }

  private resourceOverview(
    resource: string,
    { paused, resources, storedCursors }: PollerView,
  ): ResourceOverview {
    const known = resources.find((status) => status.resource === resource) ?? NOTHING_KNOWN;
    const { lastPollAt = null, problem } = this.watched.get(resource) ?? {};
    const waitMs = paused ? null : known.nextPollInMs;
    return {
      resource,
      lastPollAt,
      nextPollAt: waitMs === null ? null : this.clock.now() + waitMs,
      cursor: known.cursor ?? storedCursors.get(resource) ?? null,
      failures: known.failures,
      ...(known.lastReport === undefined ? {} : { last: known.lastReport }),
      ...(problem === undefined ? {} : { problem }),
    };
  }
}
