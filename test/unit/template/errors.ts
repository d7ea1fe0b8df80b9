import assert from 'node:assert/strict';
import { type ErrorCode, SageCrmError } from '../../../src/errors/sagecrm-error';

/** Runs the code, checks that it throws a SageCrmError of that code, and hands the error over. */
export function errorOf(code: ErrorCode, run: () => unknown): SageCrmError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof SageCrmError, `threw ${String(error)}`);
    assert.equal(error.code, code);
    return error;
  }
  return assert.fail(`nothing was thrown, expected ${code}`);
}
