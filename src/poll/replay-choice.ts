import { SageCrmError } from '../errors/sagecrm-error';
import type { Slot } from './slot';

/**
 * The resources that a replay names, or all of them.
 *
 * @throws SageCrmError `INPUT_INVALID` for one that is not polled here
 */
export function chosen(slots: readonly Slot[], resources: readonly string[] | undefined): Slot[] {
  if (resources === undefined) return [...slots];
  return resources.map((name) => {
    const slot = slots.find((candidate) => candidate.name === name);
    if (slot !== undefined) return slot;
    throw new SageCrmError(
      'INPUT_INVALID',
      `${name} is not polled by this node`,
      `name one of: ${slots.map((known) => known.name).join(', ')}`,
    );
  });
}

/** The others would begin by their start setting, which may be "now": a silent gap. */
export function replayAllOrNothing(): SageCrmError {
  return new SageCrmError(
    'INPUT_INVALID',
    'the state of every resource is damaged, so none can be replayed alone',
    'send the replay without naming resources',
  );
}
