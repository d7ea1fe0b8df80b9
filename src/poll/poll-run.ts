import type { SageCrmError } from '../errors/sagecrm-error';
import type { Change, ResourceState } from '../store/poll-store';
import type { ChangeDetector } from './change-detector';

/** What one poll of one resource did. */
export interface PollOutcome {
  /** Messages emitted. */
  created: number;
  updated: number;
  pages: number;
  /** Epoch milliseconds; null before the first record of a start from all. */
  cursor: number | null;
  /** Deletions emitted, for resources that look for them. */
  deleted?: number;
  /** Changes that became visible later than the overlap allows for, when there were any. */
  late?: number;
  /** True when events wait in the journal, since the flow holds as many as it may. */
  isWaiting: boolean;
  /** What went wrong after the changes were taken over. */
  problem?: SageCrmError;
}

/** A poll under way. */
export interface PollRun {
  created: number;
  updated: number;
  deleted: number;
  late: number;
  pages: number;
  /** Records received. */
  records: number;
  cursor: number | null;
  isWaiting: boolean;
  /** False when all that the journal holds is known to be with the flow. */
  hasUnsent: boolean;
  problem: SageCrmError | undefined;
  /** Undefined until the server's time is known, on a start from now. */
  state: ResourceState | undefined;
  /** The state as the store holds it. */
  written: ResourceState | undefined;
  /** How far before the cursor this poll reads, in milliseconds. */
  lookBack: number;
  /** The server's time at the first page. */
  began: number | undefined;
  detector: ChangeDetector;
  /** Changes of the latest page, to be written together with the cursor. */
  waiting: Change[];
  /** The write under way; the next one waits for it, detection of what it holds need not. */
  writing: Promise<void>;
  onProgress: (records: number) => void;
  signal: AbortSignal;
}

/** What is known of a poll before it begins. */
export type Beginning = Pick<
  PollRun,
  'state' | 'lookBack' | 'hasUnsent' | 'detector' | 'onProgress' | 'signal'
> & {
  /** The state as the store holds it; undefined before the first poll. */
  stored: ResourceState | undefined;
};

export function beginRun({ stored, ...known }: Beginning): PollRun {
  return {
    created: 0,
    updated: 0,
    deleted: 0,
    late: 0,
    pages: 0,
    records: 0,
    cursor: stored?.cursor ?? null,
    isWaiting: false,
    problem: undefined,
    written: stored,
    began: undefined,
    waiting: [],
    writing: Promise.resolve(),
    ...known,
  };
}

export function outcomeOf(run: PollRun, looksForDeletions: boolean): PollOutcome {
  const { created, updated, pages, cursor, isWaiting, problem } = run;
  return {
    created,
    updated,
    pages,
    cursor,
    isWaiting,
    ...(looksForDeletions ? { deleted: run.deleted } : {}),
    ...(run.late === 0 ? {} : { late: run.late }),
    ...(problem === undefined ? {} : { problem }),
  };
}
