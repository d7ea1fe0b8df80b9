import type { SageCrmError } from '../errors/sagecrm-error';

/** What a poll node is doing, for its status line. */
export type PollerStatus =
  | { kind: 'polling'; resource: string; position: number; count: number; records: number }
  | { kind: 'idle'; changes: number }
  /** The flow holds as many unacknowledged messages as it may. */
  | { kind: 'waiting'; resource: string }
  /** Other instances of the node poll all of its resources. */
  | { kind: 'elsewhere' }
  | { kind: 'paused' }
  | { kind: 'refused'; error: SageCrmError }
  | { kind: 'failed'; resource: string | undefined; error: SageCrmError };

/** The report of one finished poll of one resource: the payload of the second output. */
export interface PollReport {
  resource: string;
  created: number;
  updated: number;
  /** Only for resources that look for deletions. */
  deleted?: number;
  /** Changes that became visible later than the overlap allows for, when there were any. */
  late?: number;
  pages: number;
  durationMs: number;
  /** ISO 8601 in UTC; null before the first record of a start from all. */
  cursor: string | null;
  error?: { code: string; message: string };
}

/** Where one resource stands, for the answer to a `status` message. */
export interface ResourceStatus {
  resource: string;
  cursor: string | null;
  /** Milliseconds until the next poll; null when none is planned. */
  nextPollInMs: number | null;
  failures: number;
  lastReport?: PollReport;
}
