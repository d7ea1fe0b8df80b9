import { z } from 'zod';
import { parsedJson } from '../../json/parsed-json';

/**
 * How state stands in a move: it has `left` for another store, or it is `arriving` and not yet whole.
 * Both ends of a move have the same id.
 */
export const moveSchema = z.object({ role: z.enum(['left', 'arriving']), id: z.string() });

export type Move = z.output<typeof moveSchema>;

/**
 * @param corrupt makes the error for a mark that cannot be understood
 * @throws what `corrupt` makes
 */
export function readMove(text: string | undefined, corrupt: () => Error): Move | undefined {
  if (text === undefined) return undefined;
  const move = moveSchema.safeParse(parsedJson(text));
  if (move.success) return move.data;
  throw corrupt();
}

/** The stores that state can be moved between. */
export const STORE_KINDS = ['embedded', 'redis'] as const;

export type StoreKind = (typeof STORE_KINDS)[number];

export function otherThan(kind: StoreKind): StoreKind {
  return kind === 'redis' ? 'embedded' : 'redis';
}

/** Entries in a slice, about: so many are in memory at once. */
export const SLICE_SIZE = 500;

/**
 * One end of a move: a store's side that hands state over as it is. `Head` is what there is once,
 * `Slice` a part of what there is many of. Nothing else may write meanwhile: the caller holds the
 * right to it, or the writes find out.
 *
 * @throws SageCrmError what the store throws, from every method
 */
export interface Movable<Head, Slice> {
  move(): Promise<Move | undefined>;
  head(): Promise<Head>;
  /** All but the head; an entry may come twice. */
  slices(): AsyncIterable<Slice>;
  /** Drops what is here, and refuses work until `enter`. */
  begin(id: string, head: Head): Promise<void>;
  take(slice: Slice): Promise<void>;
  /** All has been taken; it is as durable as the store can make it. */
  complete(head: Head): Promise<void>;
  /** Keeps what is here, and refuses work from now on. Durable. */
  leave(id: string, head: Head): Promise<void>;
  /** Lets work begin. Durable. */
  enter(id: string): Promise<void>;
}
