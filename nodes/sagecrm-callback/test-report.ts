import type { AdminError } from '../runtime/admin-error';

/** What came of a test event, as the browser gets it. */
export interface TestReport {
  /** The webhook's id. */
  id: string;
  /** The status of the answer, where there was one. */
  statusCode?: number;
  durationMs: number;
  /** The beginning of the answer, where it is text. */
  excerpt?: string;
  /** Why it counts as not delivered. */
  error?: AdminError;
}
