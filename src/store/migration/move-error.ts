import { SageCrmError } from '../../errors/sagecrm-error';
import type { Move, StoreKind } from './movable';

const NAMES: Readonly<Record<StoreKind, string>> = {
  embedded: 'the embedded store',
  redis: 'Redis',
};

/** @param here the store that was asked */
export function inMove(resource: string, { role }: Move, here: StoreKind): SageCrmError {
  return role === 'left' ? stateMoved(resource, here) : copyUnfinished(resource, here);
}

export function stateMoved(resource: string, here: StoreKind): SageCrmError {
  const other = otherThan(here);
  return new SageCrmError(
    'STATE_MOVED',
    `the state of ${resource} was moved from ${NAMES[here]} to ${NAMES[other]}`,
    `choose ${NAMES[other]} as the store in the server node; or bring the state back with topic "migrate" and payload.from "${other}"; or start from a date with "replay"`,
    { details: { resource } },
  );
}

function copyUnfinished(resource: string, here: StoreKind): SageCrmError {
  return new SageCrmError(
    'STATE_ELSEWHERE',
    `the state of ${resource} was not copied to its end`,
    `send the message with topic "migrate" and payload.from "${otherThan(here)}" again; nothing is lost`,
    { details: { resource } },
  );
}

/** Redis has nothing, while this machine holds what an embedded store has left. */
export function stateElsewhere(resource: string): SageCrmError {
  return new SageCrmError(
    'STATE_ELSEWHERE',
    `Redis has no state of ${resource}, but the embedded store has`,
    'send a message with topic "migrate" and payload.from "embedded" to take it over, or "replay" to start from a date; until then the resource is not polled, so that nothing is left out',
    { details: { resource } },
  );
}

export function statePresent(resource: string, here: StoreKind): SageCrmError {
  const other = otherThan(here);
  return new SageCrmError(
    'STATE_PRESENT',
    `both ${NAMES[here]} and ${NAMES[other]} have a state of ${resource}`,
    `nothing was changed: go on with that in ${NAMES[here]}, or choose ${NAMES[other]} in the server node to go on with the other`,
    { details: { resource } },
  );
}

function otherThan(here: StoreKind): StoreKind {
  return here === 'redis' ? 'embedded' : 'redis';
}
