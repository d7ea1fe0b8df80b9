import type { Simulator } from '../../simulator/simulator';

/** An answer as a test looks at it. */
export interface ClientAnswer {
  status: number;
  headers: Headers;
  text: string;
  /** The body parsed; undefined when it is not JSON. */
  json: unknown;
}

/** A row as either API sends it. */
export type Row = Record<string, unknown>;

export type Query = Record<string, string | number>;

export interface Feed {
  $totalResults: number;
  $startIndex: number;
  $itemsPerPage: number;
  $next?: string;
  $links?: { $next: { $url: string } };
  $resources: Row[];
}

export const BASIC = `Basic ${Buffer.from('crm-user:crm-pass').toString('base64')}`;

const SDATA = '/sdata/crmj/sagecrm2/-/';

/** Asks a simulator in the simplest way, with the default user unless `headers` say otherwise. */
export class TestClient {
  constructor(private readonly simulator: Simulator) {}

  async get(
    path: string,
    query: Query = {},
    headers: Record<string, string> = { authorization: BASIC },
  ): Promise<ClientAnswer> {
    const url = new URL(this.simulator.url + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    const response = await fetch(url, { headers });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  }

  hub(resource: string, query: Query = {}): Promise<ClientAnswer> {
    return this.get(`/hubs/crm/${resource}`, query);
  }

  sdata(path: string, query: Query = {}): Promise<ClientAnswer> {
    return this.get(SDATA + path, query);
  }

  /** The rows of one page of the hub API. */
  async hubRows(resource: string, query: Query = {}): Promise<Row[]> {
    return (await this.hub(resource, query)).json as Row[];
  }

  async feed(entity: string, query: Query = {}): Promise<Feed> {
    return (await this.sdata(entity, query)).json as Feed;
  }

  /** The keys of the rows found by a clause, in the hub API. */
  async hubKeys(resource: string, where: string): Promise<unknown[]> {
    return (await this.hubRows(resource, { where })).map((row) => row.key);
  }

  /** The keys of the rows found by a clause, in the SData API. */
  async sdataKeys(entity: string, where: string): Promise<unknown[]> {
    return (await this.feed(entity, { where, count: 100 })).$resources.map((row) => row.$key);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
