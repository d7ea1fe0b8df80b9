import type { SimulatedClock } from './clock';
import type { RowOrder } from './row-query';
import type { DateStyle } from './server-dates';

/** What a test may do just before a page is read, such as changing data so that rows shift. */
export interface PageInfo {
  api: 'hub' | 'sdata';
  entity: string;
  /** The clause as it arrived. */
  where: string | undefined;
  /** How many rows come before this page. */
  offset: number;
  /** How many rows the page may have. */
  pageSize: number;
}

export interface HubOptions {
  /** Larger pages are cut to this, silently. Default 5000. */
  maxPageSize?: number;
  /** Default true; with false every row is returned whatever the clause says. */
  honoursWhere?: boolean;
  /** Default `id`. */
  rowOrder?: RowOrder;
  /** Default `offset`: a plain number; `opaque` is text that must be percent-encoded. */
  tokenStyle?: 'offset' | 'opaque';
  /** From the second page on, the token leads to the same page again. */
  repeatToken?: boolean;
  /** The total is that of the page, or the given number. */
  totalCountWrong?: boolean | number;
}

export interface SdataOptions {
  /** Larger pages are cut to this, silently. Default 100. */
  pageCap?: number;
  /** Default true; with false `orderBy` is ignored, as before 2024 R2. */
  honoursOrderBy?: boolean;
  /** How dates are written in a clause. Default both. */
  literal?: '@' | "'" | 'both';
  /** Whether `lt` and `le` are known. Default false. */
  acceptsLessThan?: boolean;
  /** The type of `$key`. Default `number`. */
  keyType?: 'number' | 'string';
  /** Whether a feed says where its next page is. Default false. */
  nextLinks?: boolean;
  /** `$totalResults` is that of the page, or the given number. */
  wrongTotal?: boolean | number;
  /** Every row is returned whatever the clause says. */
  ignoresWhere?: boolean;
  /** Columns without a value are missing from the row. */
  omitsNulls?: boolean;
  /** Default `id`. */
  rowOrder?: RowOrder;
}

/** Everything may be changed between requests but `clock`, `tls`, `host` and `port`. */
export interface SimulatorOptions {
  /** Default: runs with real time. */
  clock?: SimulatedClock;
  /** The server's own zone, an IANA name. Default `UTC`. */
  zone?: string;
  /** How dates appear in rows: in UTC, or in the server's zone with or without saying so. */
  dateStyle?: DateStyle;
  /** Default `crm-user`. */
  username?: string;
  /** Default `crm-pass`. */
  password?: string;
  /** Secrets with which the hub API takes its own header form beside Basic. */
  elementAuth?: { userSecret: string; organizationSecret: string; elementToken: string };
  /** Default both. */
  apis?: readonly ('hub' | 'sdata')[];
  /** Stands in front of `/hubs`, such as `/elements/api-v2`; allowed in front of `/sdata`. */
  basePath?: string;
  /** Default `crm`. */
  install?: string;
  hub?: HubOptions;
  sdata?: SdataOptions;
  /** By how many milliseconds the `Date` header is ahead of simulated time. */
  dateHeaderSkewMs?: number;
  beforePage?: (info: PageInfo) => void;
  /** PEM; the server then speaks https. */
  tls?: { key: string; cert: string };
  /** Default `127.0.0.1`. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
}
