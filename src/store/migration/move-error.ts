import { SageCrmError, type ErrorCode } from '../../errors/sagecrm-error';
import { otherThan, type Move, type StoreKind } from './movable';

const NAMES: Readonly<Record<StoreKind, string>> = {
  embedded: 'the embedded store',
  redis: 'Redis',
};

/** @param here the store that was asked */
export function pollInMove(resource: string, { role }: Move, here: StoreKind): SageCrmError {
  return role === 'left' ? pollStateMoved(resource, here) : pollCopyUnfinished(resource, here);
}

export function pollStateMoved(resource: string, here: StoreKind): SageCrmError {
  const other = otherThan(here);
  return ofResource(
    resource,
    'STATE_MOVED',
    `the state of ${resource} was moved from ${NAMES[here]} to ${NAMES[other]}`,
    `choose ${NAMES[other]} as the store in the server node; or bring the state back with topic "migrate" and payload.from "${other}"; or start from a date with "replay"`,
  );
}

function pollCopyUnfinished(resource: string, here: StoreKind): SageCrmError {
  return ofResource(
    resource,
    'STATE_ELSEWHERE',
    `the state of ${resource} was not copied to its end`,
    onceMore(here),
  );
}

/** Redis has nothing, while this machine holds what an embedded store has left. */
export function pollElsewhere(resource: string): SageCrmError {
  return ofResource(
    resource,
    'STATE_ELSEWHERE',
    `Redis has no state of ${resource}, but the embedded store has`,
    'send a message with topic "migrate" and payload.from "embedded" to take it over, or "replay" to start from a date; until then the resource is not polled, so that nothing is left out',
  );
}

export function pollStatePresent(resource: string, here: StoreKind): SageCrmError {
  const other = otherThan(here);
  return ofResource(
    resource,
    'STATE_PRESENT',
    `both ${NAMES[here]} and ${NAMES[other]} have a state of ${resource}`,
    `nothing was changed: go on with that in ${NAMES[here]}, or choose ${NAMES[other]} in the server node to go on with the other`,
  );
}

/** @param here the store that was asked */
export function outboxInMove({ role }: Move, here: StoreKind): SageCrmError {
  return role === 'left' ? outboxMoved(here) : outboxCopyUnfinished(here);
}

export function outboxMoved(here: StoreKind): SageCrmError {
  const other = otherThan(here);
  return new SageCrmError(
    'STATE_MOVED',
    `the outbox was moved from ${NAMES[here]} to ${NAMES[other]}`,
    `choose ${NAMES[other]} as the store of the server in the callback node, or bring the outbox back with topic "migrate" and payload.from "${other}"; events that come in meanwhile are refused, and not acknowledged`,
  );
}

function outboxCopyUnfinished(here: StoreKind): SageCrmError {
  return new SageCrmError(
    'STATE_ELSEWHERE',
    'the outbox was not copied to its end',
    onceMore(here),
  );
}

/** Redis never had an outbox of the node, while this machine holds what an embedded one has left. */
export function outboxElsewhere(): SageCrmError {
  return new SageCrmError(
    'STATE_ELSEWHERE',
    'Redis has no outbox of this node, but the embedded store holds events or dead letters of it',
    'send the callback node a message with topic "migrate" and payload.from "embedded" to take them over; until then events are refused, and not acknowledged, so that none overtakes those that wait',
  );
}

export function outboxPresent(here: StoreKind): SageCrmError {
  const other = otherThan(here);
  return new SageCrmError(
    'STATE_PRESENT',
    `both ${NAMES[here]} and ${NAMES[other]} hold events, dead letters or silenced receivers of this callback node`,
    `nothing was changed: let the outbox in ${NAMES[here]} run empty, replay or drop its dead letters, and move then; or choose ${NAMES[other]} to go on with the other`,
  );
}

/** Others have worked on what was being copied. */
export function outboxInUse(): SageCrmError {
  return new SageCrmError(
    'LEASE_HELD',
    'another instance works on the outbox that is to be moved',
    'stop all other Node-RED with this flow, then send the message, or run the command, again; nothing is lost',
  );
}

function onceMore(here: StoreKind): string {
  return `send the message with topic "migrate" and payload.from "${otherThan(here)}" again; nothing is lost`;
}

function ofResource(resource: string, code: ErrorCode, what: string, nextStep: string) {
  return new SageCrmError(code, what, nextStep, { details: { resource } });
}
