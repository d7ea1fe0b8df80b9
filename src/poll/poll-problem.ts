import { SageCrmError } from '../errors/sagecrm-error';

/** What stopped a poll, as an error that tells the user what to do. */
export function pollProblem(error: unknown): SageCrmError {
  if (error instanceof SageCrmError) return error;
  return new SageCrmError(
    'INTERNAL',
    `polling failed unexpectedly (${error instanceof Error ? error.message : String(error)})`,
    'polling goes on by itself; please report this with the log',
    { cause: error },
  );
}
