import { SageCrmError } from '../errors/sagecrm-error';
import type { ProblemView } from './overview';

/** An error of ours tells everything; any other may hold what is nobody's business. */
export function problemView(error: unknown, at: number): ProblemView {
  if (error instanceof SageCrmError) {
    return { at, code: error.code, message: error.what, nextStep: error.nextStep };
  }
  return {
    at,
    code: 'INTERNAL',
    message: 'Something unexpected went wrong',
    nextStep: 'look into the log of Node-RED and report it with the lines found there',
  };
}
