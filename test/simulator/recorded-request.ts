import type { IncomingHttpHeaders } from 'node:http';

/** A request as it arrived. */
export interface RecordedRequest {
  method: string;
  /** As sent, without the query. */
  path: string;
  /** Decoded; of a parameter given twice the last value. */
  query: Record<string, string>;
  headers: IncomingHttpHeaders;
  /** Simulated time in milliseconds. */
  at: number;
  /** The status of the answer; 0 as long as there is none. */
  status: number;
}
