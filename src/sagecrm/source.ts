import type { CrmRecord } from '../event/event';

/** One poll's question to Sage CRM: the rendered URL, the same for every page. */
export interface Query {
  /** The resource key, for errors and for the API's entity. */
  resource: string;
  /** Path and query below the server's address, with all variables filled in. */
  url: string;
  /** Records wanted per page; absent: the API's own default. */
  pageSize?: number;
  /** The column that holds the updated date, to ask for an order where the API has one. */
  updatedField: string;
  /** The only column wanted beside the id, where the API can leave the others out. */
  select?: string;
}

/** One page as received, nothing dropped. */
export interface Page {
  rows: readonly CrmRecord[];
  /** The server's own time when it answered (HTTP `Date`), epoch milliseconds. */
  serverTime?: number;
  /** How many records the server says there are in all; a hint, never trusted. */
  total?: number;
  /** False when the server says, or the rows show, that nothing follows. */
  more: boolean;
}

/** The dialects Sage CRM's data can be had in. */
export type Api = 'hub' | 'sdata';

/** Pages of records from Sage CRM, whatever API brings them. */
export interface Source {
  /**
   * Reads every page of a query, in the server's order.
   *
   * @throws SageCrmError for anything but a page of records; the rows so far stay valid
   */
  pages(query: Query, signal: AbortSignal): AsyncGenerator<Page, void, void>;
}
