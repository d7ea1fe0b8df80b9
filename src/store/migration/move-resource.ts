import type { Head, Movable, Slice, StoreKind } from './movable';
import { stateMoved, statePresent } from './move-error';

export interface MoveOptions {
  resource: string;
  from: Movable;
  /** Which store `from` is. */
  kind: StoreKind;
  to: Movable;
  /** A new id for the move. */
  id: string;
  /** Resolves once what `to` has completed outlasts a power cut. */
  durable: () => Promise<void>;
}

/** What was moved, in numbers. */
export interface Moved {
  resource: string;
  /** Events that were not handed over yet. */
  events: number;
  seen: number;
  versions: number;
  known: number;
}

/**
 * Moves the state of one resource from one store to another. At no moment can both be polled from,
 * and a crash at any moment leaves what another run needs:
 *
 * 1. `to` refuses polls while everything is copied. Cut off here, the next run begins anew.
 * 2. Once the copy is whole and durable, `from` refuses polls, too. It keeps what it has.
 * 3. `to` lets polls begin. Cut off before, the next run does only this.
 *
 * @returns undefined when there is nothing to move, or when it was moved before
 * @throws SageCrmError `STATE_PRESENT` when `to` has a state of its own; `STATE_MOVED` when it had
 *   left `from` and is not in `to`; and what the stores throw
 */
export async function moveResource(options: MoveOptions): Promise<Moved | undefined> {
  const { resource, from, to, kind } = options;
  const [there, here] = await Promise.all([from.move(resource), to.move(resource)]);
  const isSameMove = there !== undefined && there.id === here?.id;
  const isTaken = here === undefined && (await to.head(resource)).state !== undefined;
  if (there?.role === 'left') {
    if (isSameMove) return finish(options);
    if (isTaken) return undefined;
    throw stateMoved(resource, kind);
  }
  // What has not arrived is no state, unless only the last step of an earlier move is left.
  if (there !== undefined && !isSameMove) return undefined;
  if (there !== undefined) await from.enter(resource);
  const head = await from.head(resource);
  if (!isStarted(head)) return undefined;
  if (isTaken) throw statePresent(resource, kind === 'redis' ? 'embedded' : 'redis');
  return copy(options, head);
}

async function copy(options: MoveOptions, head: Head): Promise<Moved> {
  const { resource, from, to, id, durable } = options;
  await to.begin(resource, id, head);
  const moved = nothingOf(resource);
  for await (const slice of from.slices(resource)) {
    await to.take(resource, slice);
    count(moved, slice);
  }
  await to.complete(resource, head);
  await durable();
  await from.leave(resource, id);
  await to.enter(resource);
  return moved;
}

/** The copy is whole; only its last step is left. */
async function finish({ resource, from, to }: MoveOptions): Promise<Moved> {
  await to.enter(resource);
  const moved = nothingOf(resource);
  for await (const slice of from.slices(resource)) count(moved, slice);
  return moved;
}

function nothingOf(resource: string): Moved {
  return { resource, events: 0, seen: 0, versions: 0, known: 0 };
}

function count(moved: Moved, { journal, seen, versions, known }: Slice): void {
  moved.events += journal?.length ?? 0;
  moved.seen += seen?.length ?? 0;
  moved.versions += versions?.length ?? 0;
  moved.known += known?.length ?? 0;
}

/** A start from now has a place to go on from before its first answer. */
function isStarted({ state, begun }: Head): boolean {
  return state !== undefined || begun !== undefined;
}
