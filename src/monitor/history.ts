import type { Clock } from '../effects/clock';
import type { RecordEvent } from '../event/event';
import type { BoundQuery } from './history-query';
import {
  MinuteCounts,
  MINUTE_MS,
  type CountChanges,
  type CountedHour,
  type CountFilter,
} from './minute-counts';
import type { HistoryBar, HistoryEvent, HistoryProblem, HistoryView } from './overview';
import { problemView } from './problem';
import { RecentLog, type LogChanges, type Numbered } from './recent-log';

/** How many events and problems are remembered one by one. */
export const MOST_EVENTS = 10_000;
export const MOST_PROBLEMS = 500;

/** A history as an earlier run has left it; the rows oldest first. */
export interface StoredHistory {
  events: readonly Numbered<HistoryEvent>[];
  problems: readonly Numbered<HistoryProblem>[];
  counts: readonly CountedHour[];
}

/** What has to be written so that the disk holds what the memory does. */
export interface HistoryChanges {
  /** Nothing of what is stored counts any more. */
  anew: boolean;
  events: LogChanges<HistoryEvent>;
  problems: LogChanges<HistoryProblem>;
  counts: CountChanges;
}

/**
 * What was emitted and what went wrong of late: the last events and problems one by one, and how
 * many events each minute of the last days had, which stays right however many there are.
 *
 * Recording takes constant time and touches no disk.
 */
export class History {
  private readonly events = new RecentLog<HistoryEvent>(MOST_EVENTS);
  private readonly problems = new RecentLog<HistoryProblem>(MOST_PROBLEMS);
  private readonly counts = new MinuteCounts();
  private isUnsaved = false;

  constructor(private readonly clock: Clock) {}

  /** @param node the id of the poll node */
  emitted(node: string, { objectType, eventType, objectId, date }: RecordEvent): void {
    const at = this.clock.now();
    this.events.add({ at, node, resource: objectType, eventType, objectId, date });
    this.counts.add(node, objectType, eventType, at);
  }

  /** @param resource empty when the node as a whole is concerned */
  wentWrong(node: string, resource: string, error: unknown): void {
    this.problems.add({ node, resource, ...problemView(error, this.clock.now()) });
  }

  /**
   * Drops everything of the nodes that are gone.
   *
   * @returns whether there was anything
   */
  forget(isGone: (node: string) => boolean): boolean {
    const isOfGone = ({ node }: { node: string }): boolean => isGone(node);
    const forgot = [
      this.events.removeWhere(isOfGone),
      this.problems.removeWhere(isOfGone),
      this.counts.forget(isGone),
    ];
    return forgot.includes(true);
  }

  view({ node, resource, spanMs, bars, limit }: BoundQuery): HistoryView {
    const isWanted = (entry: { node: string; resource: string }): boolean =>
      (node === undefined || entry.node === node) &&
      (resource === undefined || entry.resource === resource);
    const events = [...this.events.newestFirst()].filter(isWanted);
    const problems = [...this.problems.newestFirst()].filter(isWanted);
    const now = this.clock.now();
    return {
      now,
      bars: this.bars({ node, resource }, now, spanMs, bars),
      events: events.slice(0, limit),
      problems: problems.slice(0, limit),
      more: Math.max(0, events.length - limit),
    };
  }

  /** Puts what an earlier run has stored before what was recorded since. */
  restore({ events, problems, counts }: StoredHistory): void {
    this.events.restore(events);
    this.problems.restore(problems);
    this.counts.restore(counts);
  }

  get hasChanges(): boolean {
    const { isUnsaved, events, problems, counts } = this;
    return isUnsaved || events.hasChanges || problems.hasChanges || counts.hasChanges;
  }

  /** What has changed since the last call, which counts as stored from now on. */
  takeChanges(): HistoryChanges {
    this.counts.prune(this.clock.now());
    const anew = this.isUnsaved;
    this.isUnsaved = false;
    return {
      anew,
      events: this.events.takeChanges(),
      problems: this.problems.takeChanges(),
      counts: this.counts.takeChanges(),
    };
  }

  /** Nothing counts as stored any more: the next changes are the whole history. */
  forgetStored(): void {
    this.isUnsaved = true;
    this.events.forgetStored();
    this.problems.forgetStored();
    this.counts.forgetStored();
  }

  /** The last bar is the one under way. */
  private bars(filter: CountFilter, now: number, spanMs: number, most: number): HistoryBar[] {
    const widthMs = Math.max(1, Math.ceil(spanMs / most / MINUTE_MS)) * MINUTE_MS;
    const count = Math.ceil(spanMs / widthMs);
    const end = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
    return this.counts.bars(filter, end - count * widthMs, widthMs, count);
  }
}
