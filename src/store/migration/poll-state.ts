import type { CrmRecord } from '../../event/event';
import type { JournalEntry, Reconciliation, ResourceState, SeenVersion } from '../poll-store';
import type { Movable } from './movable';
import { pollStateMoved, pollStatePresent } from './move-error';
import type { Subject } from './move-state';

/** What a poll store has once for each resource. */
export interface PollHead {
  state?: ResourceState;
  /** See `PollStore.startedAt`. */
  begun?: number;
  reconciliation?: Reconciliation;
}

/** A part of what a poll store has many of. */
export interface PollSlice {
  journal?: readonly JournalEntry[];
  seen?: readonly (readonly [id: string, versions: readonly SeenVersion[]])[];
  /** The oldest first, also from slice to slice. */
  versions?: readonly (readonly [id: string, record: CrmRecord])[];
  known?: readonly (readonly [id: string, listing: number])[];
}

/** One resource of a poll store; whoever moves it holds its lease, or has the store to itself. */
export type MovablePoll = Movable<PollHead, PollSlice>;

/** What was moved, in numbers. */
export interface MovedPoll {
  resource: string;
  /** Events that were not handed over yet. */
  events: number;
  seen: number;
  versions: number;
  known: number;
}

export function pollState(resource: string): Subject<PollHead, PollSlice, MovedPoll> {
  return {
    // A start from now has a place to go on from before its first answer.
    isThere: ({ state, begun }) => state !== undefined || begun !== undefined,
    isTaken: ({ state }) => state !== undefined,
    nothing: () => ({ resource, events: 0, seen: 0, versions: 0, known: 0 }),
    count(moved, { journal = [], seen = [], versions = [], known = [] }) {
      moved.events += journal.length;
      moved.seen += seen.length;
      moved.versions += versions.length;
      moved.known += known.length;
    },
    moved: (kind) => pollStateMoved(resource, kind),
    present: (kind) => pollStatePresent(resource, kind),
  };
}
