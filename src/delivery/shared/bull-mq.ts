import type * as bullmq from 'bullmq';

/** What is used of the module `bullmq`, which is there only where Redis is. */
export type BullMq = Pick<
  typeof bullmq,
  'Queue' | 'Worker' | 'DelayedError' | 'UnrecoverableError' | 'WaitingError'
>;

/** What a job carries; the event is kept once, in a hash of its own, until it is given up. */
export interface JobData {
  lane: string;
  target: string;
  /** Absent in jobs of version 0.1.0. */
  group?: string;
  /** A dead letter, once the event is given up. */
  letter?: unknown;
}

export type SharedQueue = bullmq.Queue<JobData>;
export type SharedJob = bullmq.Job<JobData>;
export type SharedWorker = bullmq.Worker<JobData>;

export type { ConnectionOptions } from 'bullmq';
