import { SageCrmError } from '../errors/sagecrm-error';

/** State that is there but cannot be understood: never a reason to start anew in silence. */
export function stateCorrupt(what: string, cause?: unknown, resource?: string): SageCrmError {
  return new SageCrmError(
    'STATE_CORRUPT',
    `the stored state ${what}`,
    'polling has stopped so that nothing is lost or repeated; send a message with topic "replay" and payload.since to start again from a date',
    { cause, details: { resource } },
  );
}

export function stateIo(action: string, cause: unknown): SageCrmError {
  return new SageCrmError(
    'STATE_IO',
    `the state could not be ${action}`,
    "check the free space and the rights of the folder sagecrm in Node-RED's user directory",
    { cause },
  );
}

export function stateLocked(cause: unknown): SageCrmError {
  return new SageCrmError(
    'STATE_LOCKED',
    'the state is in use by another process',
    'two Node-RED processes must not share a user directory; stop the other one',
    { cause },
  );
}
