import { SageCrmError } from './sagecrm-error';

/** An error as people are told it. Never holds a secret. */
export interface ToldError {
  code: string;
  message: string;
  nextStep: string;
}

/** An error of ours tells everything; any other may hold what is nobody's business. */
export function toldError(error: unknown): ToldError {
  if (error instanceof SageCrmError) {
    return { code: error.code, message: error.what, nextStep: error.nextStep };
  }
  return {
    code: 'INTERNAL',
    message: 'Something unexpected went wrong',
    nextStep: 'look into the log of Node-RED and report it with the lines found there',
  };
}
