import { z } from 'zod';
import type { CrmRecord } from '../../event/event';
import type { JournalEntry, Reconciliation, ResourceState, SeenVersion } from '../poll-store';

/**
 * How a resource's state stands in a move: it has `left` for another store and is kept only to look
 * at, or it is `arriving` and not yet whole. Both ends of a move have the same id.
 */
export const moveSchema = z.object({ role: z.enum(['left', 'arriving']), id: z.string() });

export type Move = z.output<typeof moveSchema>;

/** The stores that state can be moved between. */
export type StoreKind = 'embedded' | 'redis';

/** What a store has once for each resource. */
export interface Head {
  state?: ResourceState;
  /** See `PollStore.startedAt`. */
  begun?: number;
  reconciliation?: Reconciliation;
}

/** A part of what a store has many of. */
export interface Slice {
  journal?: readonly JournalEntry[];
  seen?: readonly (readonly [id: string, versions: readonly SeenVersion[]])[];
  /** The oldest first, also from slice to slice. */
  versions?: readonly (readonly [id: string, record: CrmRecord])[];
  known?: readonly (readonly [id: string, listing: number])[];
}

/** Entries in a slice, about: so many are in memory at once. */
export const SLICE_SIZE = 500;

/**
 * The side of a poll store that moves a resource's state as it is. Nothing else may write to the
 * resource meanwhile: the caller holds its lease, or has the store to itself.
 *
 * @throws SageCrmError what the store throws, from every method
 */
export interface Movable {
  move(resource: string): Promise<Move | undefined>;
  head(resource: string): Promise<Head>;
  /** All but the head; an entry may come twice. */
  slices(resource: string): AsyncIterable<Slice>;
  /** Drops what is here, and refuses polls until `enter`. */
  begin(resource: string, id: string, head: Head): Promise<void>;
  take(resource: string, slice: Slice): Promise<void>;
  /** All has been taken; it is as durable as the store can make it. */
  complete(resource: string, head: Head): Promise<void>;
  /** Keeps what is here, and refuses polls from now on. Durable. */
  leave(resource: string, id: string): Promise<void>;
  /** Lets polls begin. Durable. */
  enter(resource: string): Promise<void>;
}
