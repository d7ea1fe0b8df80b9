import { SageCrmError } from '../../errors/sagecrm-error';

const LONGEST_QUOTE = 24;

/**
 * A fault in the text of a where clause.
 *
 * @param position offset of the fault, from 0
 * @param found the text at the fault; empty at the end of the clause
 * @param nextStep what belongs there
 */
export function whereFault(position: number, found: string, nextStep: string): SageCrmError {
  const shown = found.length > LONGEST_QUOTE ? `${found.slice(0, LONGEST_QUOTE)}…` : found;
  const place = shown === '' ? 'where it ends' : `at ${shown}`;
  return new SageCrmError(
    'WHERE_INVALID',
    `The where clause has a fault ${place}, character ${position + 1}`,
    nextStep,
    { details: { position } },
  );
}

/** A clause that is well formed, but has no equal on the server at hand. */
export function whereUnsupported(position: number, what: string, nextStep: string): SageCrmError {
  return new SageCrmError(
    'WHERE_INVALID',
    `The where clause cannot be put to this server: ${what} (character ${position + 1})`,
    nextStep,
    { details: { position } },
  );
}
