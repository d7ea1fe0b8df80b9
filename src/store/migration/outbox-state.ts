import type { DeadLetter, DeadLetters, DisabledTarget, NewEvent } from '../outbox-store';
import { SLICE_SIZE, type Movable } from './movable';
import { outboxMoved, outboxPresent } from './move-error';
import { moveState, type Journey, type Subject } from './move-state';

/** What an outbox has once. */
export interface OutboxHead {
  /** How many wait. */
  events: number;
  letters: number;
  /** Receivers that want nothing any more. */
  silenced: readonly DisabledTarget[];
  /** Changes whenever an event is taken or given up; '' where nobody else can do that. */
  version: string;
}

/** A part of what waits, in the order of taking, or of the dead letters, in the order of giving up. */
export interface OutboxSlice {
  events?: readonly NewEvent[];
  letters?: readonly DeadLetter[];
}

/** All dead letters, the oldest first. */
export async function* letterSlices(
  letters: Pick<DeadLetters, 'list'>,
): AsyncGenerator<OutboxSlice> {
  for (let after = 0; ;) {
    const some = await letters.list({ order: 'oldest', limit: SLICE_SIZE, after });
    const last = some.at(-1);
    if (last === undefined) return;
    yield { letters: some };
    after = last.letter;
  }
}

/** The outbox of a callback node. Tries and the composition of webhooks stay behind. */
export interface MovableOutbox extends Movable<OutboxHead, OutboxSlice> {
  /** Forgets what has left, but not that it has. */
  drop(): Promise<void>;
}

/** What was moved, in numbers. */
export interface MovedOutbox {
  events: number;
  letters: number;
  silenced: number;
}

export const OUTBOX_STATE: Subject<OutboxHead, OutboxSlice, MovedOutbox> = {
  isThere: isHeld,
  isTaken: isHeld,
  nothing: ({ silenced }) => ({ events: 0, letters: 0, silenced: silenced.length }),
  count(moved, { events = [], letters = [] }) {
    moved.events += events.length;
    moved.letters += letters.length;
  },
  moved: outboxMoved,
  present: outboxPresent,
};

export function isHeld({ events, letters, silenced }: OutboxHead): boolean {
  return events > 0 || letters > 0 || silenced.length > 0;
}

export interface OutboxJourney extends Journey<OutboxHead, OutboxSlice> {
  from: MovableOutbox;
}

/**
 * Moves an outbox, and leaves nothing behind: events that wait are no state to look at later, and
 * dead letters have their time to be kept. A crash before the end leaves a copy that is never
 * delivered.
 *
 * @returns undefined when there is nothing to move, or when it was moved before
 * @throws SageCrmError as `moveState` does
 */
export async function moveOutbox(journey: OutboxJourney): Promise<MovedOutbox | undefined> {
  const moved = await moveState(OUTBOX_STATE, journey);
  if (moved !== undefined) await journey.from.drop();
  return moved;
}
