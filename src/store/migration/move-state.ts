import type { SageCrmError } from '../../errors/sagecrm-error';
import { otherThan, type Movable, type StoreKind } from './movable';

/** A kind of state that can be moved. */
export interface Subject<Head, Slice, Moved> {
  /** Whether there is anything to move. */
  isThere(head: Head): boolean;
  /** Whether a move would overwrite what is in use. */
  isTaken(head: Head): boolean;
  /** What was moved, before anything was. */
  nothing(head: Head): Moved;
  count(moved: Moved, slice: Slice): void;
  /** The error when it has left the store `kind`, and is not in the other. */
  moved(kind: StoreKind): SageCrmError;
  /** The error when the store `kind`, where it is to go, has one of its own. */
  present(kind: StoreKind): SageCrmError;
}

/** The two ends of a move, as far as they are looked at before it. */
export interface Route<Head, Slice> {
  from: Pick<Movable<Head, Slice>, 'move' | 'head' | 'slices'>;
  /** Which store `from` is. */
  kind: StoreKind;
  to: Pick<Movable<Head, Slice>, 'move' | 'head'>;
}

export interface Journey<Head, Slice> extends Route<Head, Slice> {
  from: Movable<Head, Slice>;
  to: Movable<Head, Slice>;
  /** A new id for the move. */
  id: string;
  /** Resolves once what `to` has completed outlasts a power cut. */
  durable: () => Promise<void>;
  /** Ends a copy before its end; the next run begins anew. */
  signal?: AbortSignal;
}

/** What there is to do; `id`: of the move to `from`, of which only the last step is left. */
type Plan<Head> =
  { kind: 'nothing' } | { kind: 'finish'; id: string } | { kind: 'copy'; head: Head; id?: string };

/**
 * Moves state from one store to another. At no moment can both be worked from, and a crash at any
 * moment leaves what another run needs:
 *
 * 1. `to` refuses work while everything is copied. Cut off here, the next run begins anew.
 * 2. Once the copy is whole and durable, `from` refuses work, too. It keeps what it has.
 * 3. `to` lets work begin. Cut off before, the next run does only this.
 *
 * @returns undefined when there is nothing to move, or when it was moved before
 * @throws SageCrmError `STATE_PRESENT` when `to` has state of its own; `STATE_MOVED` when it had left
 *   `from` and is not in `to`; and what the stores throw
 */
export async function moveState<Head, Slice, Moved>(
  subject: Subject<Head, Slice, Moved>,
  journey: Journey<Head, Slice>,
): Promise<Moved | undefined> {
  const { from, to } = journey;
  const plan = await planOf(subject, journey);
  switch (plan.kind) {
    case 'nothing':
      return undefined;
    case 'finish':
      await to.enter(plan.id);
      return counted(subject, from, await from.head());
    case 'copy':
      if (plan.id !== undefined) await from.enter(plan.id);
      return copy(subject, journey, plan.head);
  }
}

/**
 * What `moveState` would move, in numbers; changes nothing.
 *
 * @throws SageCrmError as `moveState` does
 */
export async function surveyState<Head, Slice, Moved>(
  subject: Subject<Head, Slice, Moved>,
  route: Route<Head, Slice>,
): Promise<Moved | undefined> {
  const plan = await planOf(subject, route);
  if (plan.kind === 'nothing') return undefined;
  return counted(subject, route.from, await route.from.head());
}

async function planOf<Head, Slice, Moved>(
  subject: Subject<Head, Slice, Moved>,
  { from, to, kind }: Route<Head, Slice>,
): Promise<Plan<Head>> {
  const [there, here] = await Promise.all([from.move(), to.move()]);
  if (there !== undefined && there.id === here?.id) {
    if (there.role === 'left') return { kind: 'finish', id: there.id };
    // An earlier move came here, and only its last step is left.
    return { kind: 'copy', head: await from.head(), id: there.id };
  }
  // What has not arrived is no state.
  if (there?.role === 'arriving') return { kind: 'nothing' };
  const head = await from.head();
  if (!subject.isThere(head)) return { kind: 'nothing' };
  const isTaken = here === undefined && subject.isTaken(await to.head());
  const hasLeft = there !== undefined;
  if (isTaken && hasLeft) return { kind: 'nothing' };
  if (isTaken) throw subject.present(otherThan(kind));
  if (hasLeft) throw subject.moved(kind);
  return { kind: 'copy', head };
}

async function copy<Head, Slice, Moved>(
  subject: Subject<Head, Slice, Moved>,
  { from, to, id, durable, signal }: Journey<Head, Slice>,
  head: Head,
): Promise<Moved> {
  await to.begin(id, head);
  const moved = subject.nothing(head);
  for await (const slice of from.slices()) {
    signal?.throwIfAborted();
    await to.take(slice);
    subject.count(moved, slice);
  }
  await to.complete(head);
  await durable();
  await from.leave(id, head);
  await to.enter(id);
  return moved;
}

async function counted<Head, Slice, Moved>(
  subject: Subject<Head, Slice, Moved>,
  from: Route<Head, Slice>['from'],
  head: Head,
): Promise<Moved> {
  const moved = subject.nothing(head);
  for await (const slice of from.slices()) subject.count(moved, slice);
  return moved;
}
