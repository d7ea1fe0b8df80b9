import * as z from 'zod';
import type { CrmRecord, EventMessage } from '../event/event';

/**
 * The version of a stored state, in whichever store; a change of its shape raises it and adds a
 * migration. How a database keeps the rest has a version of its own, in its `Layout`.
 */
export const STATE_SCHEMA = 4;

/**
 * Where one resource of one node stands. All instants are epoch milliseconds.
 *
 * `phase` tells what the journal holds: while `reading`, events of a pass that is not yet complete;
 * once `emitting`, events whose turn has come.
 */
export const resourceStateSchema = z.strictObject({
  schema: z.literal(STATE_SCHEMA),
  /** The greatest updated date taken over; null before the first record of a start from all. */
  cursor: z.number().nullable(),
  /** Records older than this were there before the node started; null: none are too old. */
  floor: z.number().nullable(),
  /** From here on the seen set is complete, so no poll may look further back. */
  seenFrom: z.number().nullable(),
  /** When the last wide look-back for late commits ended, by this machine's clock; null: never. */
  auditedAt: z.number().nullable(),
  phase: z.enum(['reading', 'emitting']),
});

export type ResourceState = z.output<typeof resourceStateSchema>;

/** A version of a record that was taken over into the journal, whether or not it is there still. */
export const seenVersionSchema = z.tuple([
  /** The fingerprint. */
  z.string(),
  /** Needed until the window starts after this instant; null: as long as the server shows it. */
  z.number().nullable(),
]);

export type SeenVersion = z.output<typeof seenVersionSchema>;

/** An event on its way, between the durable write and the end of our promise for it. */
export interface JournalEntry {
  /** Sorts by the record's date, then by id, then by the order in which versions were seen. */
  key: string;
  message: EventMessage;
}

/** A change found by a poll: what goes into the journal, and what is remembered of it. */
export interface Change extends JournalEntry {
  objectId: string;
  hash: string;
  /** See `SeenVersion`. */
  seenUntil: number | null;
  /** The versions of the record that were seen before. */
  before: readonly SeenVersion[];
}

/** How far the search for deletions has come. */
export const reconciliationSchema = z.object({
  /** The number of the latest complete listing of ids. */
  listing: z.number(),
  /** When it ended, epoch milliseconds. */
  at: z.number(),
});

export type Reconciliation = z.output<typeof reconciliationSchema>;

/** What is kept of records beyond the window, for resources that ask for it. */
export interface RecordMemory {
  /** The latest version of each record, by id. */
  versions: ReadonlyMap<string, CrmRecord>;
  /** Ids of records that exist. */
  knownIds: readonly string[];
}

export interface AppendOptions {
  /** What is to be remembered beyond the window. */
  memory?: RecordMemory;
  /** False: on disk with the next write that waits for it. A killed process keeps it all the same. */
  sync?: boolean;
}

/**
 * The durable memory of one poll node. Every write is atomic; `append` is on disk when it resolves,
 * unless it is told not to wait.
 *
 * @throws SageCrmError `STATE_CORRUPT` for state that cannot be understood, `STATE_IO` when the
 *   disk fails, from every method
 */
export interface PollStore {
  /** Undefined when the resource has never been polled. */
  readState(resource: string): Promise<ResourceState | undefined>;
  /**
   * When a start from now began, by this machine's clock: remembered from the first call on, so that
   * a restart before the first answer does not start anew.
   */
  startedAt(resource: string, now: number): Promise<number>;
  /** The versions taken over of each id, in the order of `ids`; an `append` under way counts. */
  seenVersions(resource: string, ids: readonly string[]): Promise<SeenVersion[][]>;
  /** Journals changes, remembers them as seen and sets the state, in one durable write. */
  append(
    resource: string,
    changes: readonly Change[],
    state: ResourceState,
    options?: AppendOptions,
  ): Promise<void>;
  /** The first entries in the order of their keys, behind the key `after`. */
  readJournal(resource: string, limit: number, after?: string): Promise<JournalEntry[]>;
  /** Drops entries that were read and handed over. */
  strikeOff(resource: string, keys: readonly string[]): Promise<void>;
  /** Forgets versions that no later poll can read again. */
  pruneSeen(resource: string, seenFrom: number): Promise<void>;
  /** Forgets everything about a resource and sets its state anew, also when it was corrupt. */
  restart(resource: string, state: ResourceState): Promise<void>;
  /** Gives back memory, as nothing will be asked for a while. */
  rest(): Promise<void>;
  readonly records: RecordStore;
  close(): Promise<void>;
}

/** Versions and ids of records, to tell what changed and what was deleted. */
export interface RecordStore {
  /** The latest version kept of each id, in the order of `ids`. */
  versions(resource: string, ids: readonly string[]): Promise<(CrmRecord | undefined)[]>;
  readReconciliation(resource: string): Promise<Reconciliation | undefined>;
  writeReconciliation(resource: string, reconciliation: Reconciliation): Promise<void>;
  /** Notes ids that a listing showed. */
  markPresent(resource: string, ids: readonly string[], listing: number): Promise<void>;
  /** How many ids are known, and which of them no listing since number `listing` has shown. */
  absentSince(resource: string, listing: number): Promise<{ known: number; absent: string[] }>;
  /** Journals deletions and forgets their records, in one durable write. */
  deleted(resource: string, entries: readonly JournalEntry[], state: ResourceState): Promise<void>;
}
