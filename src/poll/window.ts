import { STATE_SCHEMA, type ResourceState } from '../store/poll-store';

/** Where a resource that was never polled begins. Instants are epoch milliseconds. */
export type Start = { from: 'now' } | { from: 'date'; at: number } | { from: 'all' };

/** A documented `>` leaves out the second it names, so a poll always looks back at least this far. */
const SHORTEST_LOOK_BACK_MS = 1000;

/** How far each poll reads before its cursor, in milliseconds. */
export function lookBackMs(overlapSeconds: number, pollDelaySeconds: number): number {
  return Math.max(overlapSeconds * 1000, SHORTEST_LOOK_BACK_MS) + pollDelaySeconds * 1000;
}

/**
 * The state a start from a date or from all begins with; a start from now needs the server's time
 * first (`stateFromNow`).
 */
export function initialState(start: Exclude<Start, { from: 'now' }>): ResourceState {
  const at = start.from === 'date' ? start.at : null;
  return begun(at);
}

/**
 * The state of a start from now, in the server's own time.
 *
 * HTTP dates are cut to the second and the answer came after the start, so the moment of the start
 * is at least as late as the result: nothing created while starting is missed.
 *
 * @param serverTime the server's time when it first answered
 * @param sinceStartMs how long ago the node started
 */
export function stateFromNow(serverTime: number, sinceStartMs: number): ResourceState {
  const at = Math.floor((serverTime - sinceStartMs) / 1000) * 1000;
  return begun(at);
}

function begun(at: number | null): ResourceState {
  return {
    schema: STATE_SCHEMA,
    cursor: at,
    floor: at,
    seenFrom: null,
    auditedAt: null,
    phase: 'reading',
  };
}

/**
 * The lower bound of the next poll: the cursor less the look-back, but never before the instant
 * from which the seen set is complete, or a widened overlap would repeat events. Null: no bound.
 */
export function windowStart(state: ResourceState, lookBack: number): number | null {
  if (state.cursor === null) return null;
  const start = state.cursor - lookBack;
  return state.seenFrom === null ? start : Math.max(start, state.seenFrom);
}

/**
 * The state after a complete pass: the cursor moves forward only, and the seen set with it.
 *
 * @param retention how far before the cursor any poll looks back, at the most
 */
export function advanced(
  state: ResourceState,
  greatestDate: number | null,
  retention: number,
): ResourceState {
  const cursor = greatest(state.cursor, greatestDate);
  const moved: ResourceState = { ...state, cursor, phase: 'emitting' };
  return { ...moved, seenFrom: windowStart(moved, retention) };
}

function greatest(one: number | null, other: number | null): number | null {
  if (one === null) return other;
  return other === null ? one : Math.max(one, other);
}
