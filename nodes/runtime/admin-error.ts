import type { ToldError } from '../../src/errors/told-error';

/** What the browser gets when a request fails. */
export interface AdminError extends ToldError {
  /** The property or JSON path at fault. */
  field?: string;
}
