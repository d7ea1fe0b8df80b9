import type { OutboxStatus } from '../delivery/outbox-status';
import type { ToldError } from '../errors/told-error';
import type { PollReport } from '../poll/poller-status';

/**
 * What the sidebar shows, as its routes answer. All instants are milliseconds since the Unix epoch,
 * by the clock of Node-RED.
 */
export interface Overview {
  /** The present instant, so that a browser with a wrong clock shows right ages. */
  now: number;
  polls: PollOverview[];
  callbacks: CallbackOverview[];
}

/** What went wrong, and what the user can do about it. Never holds a secret. */
export interface ProblemView extends ToldError {
  at: number;
}

/** A deployed poll node. */
export interface PollOverview {
  id: string;
  /** As the user named it; may be empty. */
  name: string;
  /** Id of the flow tab, or of the subflow instance, that it is on. */
  flow: string;
  /** `stopped`: the node could not start, for the reason that `problem` tells. */
  state: 'polling' | 'idle' | 'waiting' | 'paused' | 'refused' | 'failed' | 'stopped';
  /** Messages that wait for the flow's acknowledgement. */
  unacknowledged: number;
  /** Concerns the node as a whole. */
  problem?: ProblemView;
  resources: ResourceOverview[];
}

export interface ResourceOverview {
  resource: string;
  /** Null before the first poll since Node-RED started. */
  lastPollAt: number | null;
  /** Null when none is planned. */
  nextPollAt: number | null;
  /** ISO 8601 in UTC; null before the first record of a start from all. */
  cursor: string | null;
  /** Failed polls in a row. */
  failures: number;
  /** The last finished poll. */
  last?: PollReport;
  /** Why the last poll failed; gone after a poll that succeeds. */
  problem?: ProblemView;
}

/** A deployed callback node. */
export interface CallbackOverview {
  id: string;
  name: string;
  flow: string;
  /** False for one that is switched off: it lets events through undelivered. */
  enabled: boolean;
  /** Absent while the outbox is not open. */
  outbox?: OutboxStatus;
  problem?: ProblemView;
}

/** What the history is asked for; every part narrows it. */
export interface HistoryQuery {
  /** Id of a poll node. */
  node?: string;
  resource?: string;
  /** The span of the chart, until now; default: one hour. */
  spanMs?: number;
  /** How many bars the chart has at most, each of one or more whole minutes; default: 60. */
  bars?: number;
  /** How many events and problems at most, newest first; default: 100 of each. */
  limit?: number;
}

export interface HistoryView {
  now: number;
  /** Oldest first, one after the other without a gap. */
  bars: HistoryBar[];
  /** Newest first. */
  events: HistoryEvent[];
  /** Newest first. */
  problems: HistoryProblem[];
  /** How many events the history holds for this query beyond those listed. */
  more: number;
}

/** How many events were emitted from `from` until the next bar. */
export interface HistoryBar {
  from: number;
  created: number;
  updated: number;
  deleted: number;
}

export interface HistoryEvent {
  /** When it was emitted. */
  at: number;
  /** Id of the poll node. */
  node: string;
  resource: string;
  eventType: 'CREATED' | 'UPDATED' | 'DELETED';
  objectId: string;
  /** The record's own date, ISO 8601 in UTC. */
  date: string;
}

export interface HistoryProblem extends ProblemView {
  /** Id of the poll or callback node. */
  node: string;
  /** Empty when the node as a whole is concerned. */
  resource: string;
}
