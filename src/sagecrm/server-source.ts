import type { Zone } from 'luxon';
import type { ApiChoice } from '../config/config-properties';
import { SageCrmError, type ErrorCode } from '../errors/sagecrm-error';
import type { CrmClient } from './client';
import { hubResourceIn, isSDataPath } from './entities';
import { HubSource } from './hub-source';
import { splitUrl } from './request-url';
import { SDataSource } from './sdata-source';
import { toSDataUrl, type DateLiteral } from './sdata-translation';
import type { Api, Page, Query, Source } from './source';

export interface ServerSourceOptions {
  client: CrmClient;
  api: ApiChoice;
  install: string;
  /** The server's zone, for dates without one. */
  zone: Zone;
  /** Told whenever the API in use is found or changes. */
  onFound?: (api: Api) => void;
}

interface OpenedPages {
  first: Page | undefined;
  rest: AsyncGenerator<Page, void, void>;
}

/** The server does not know the path, or something else answers there: try the other API. */
const NEXT_API: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['NOT_FOUND', 'NOT_JSON']);

const LITERAL_ORDER: Readonly<Record<DateLiteral, readonly DateLiteral[]>> = {
  '@': ['@', "'"],
  "'": ["'", '@'],
};

/** One way to ask a query. */
interface Form {
  api: Api;
  dateLiteral?: DateLiteral;
}

/**
 * The source of one configured server: picks the API for each query, and with `auto` finds out
 * which one the server speaks and remembers it.
 *
 * A form is given up only for another when the server does not know the path (404, or a page that
 * is not JSON) or, between the two styles of date literals, when it refuses the request. A refused
 * log-on is never tried in another form.
 */
export class ServerSource implements Source {
  private readonly hub: HubSource;
  private readonly sdata: SDataSource;
  private found?: Api;
  private dateLiteral: DateLiteral = '@';

  constructor(private readonly options: ServerSourceOptions) {
    this.hub = new HubSource(options.client);
    this.sdata = new SDataSource(options.client);
  }

  /** The API that answered last; undefined until one has. */
  get api(): Api | undefined {
    return this.found;
  }

  async *pages(query: Query, signal: AbortSignal): AsyncGenerator<Page, void, void> {
    const { first, rest } = await this.open(query, signal);
    if (first !== undefined) yield first;
    yield* rest;
  }

  /** Only the first page may choose the form: once records flow, a fault is a fault. */
  private async open(query: Query, signal: AbortSignal): Promise<OpenedPages> {
    const refusals: SageCrmError[] = [];
    let forms = this.forms(query.url);
    for (let form = forms.shift(); form !== undefined; form = forms.shift()) {
      const rest = this.ask(query, form, signal);
      try {
        const first = await rest.next();
        this.remember(query.url, form);
        return { first: first.done ? undefined : first.value, rest };
      } catch (error) {
        if (!(error instanceof SageCrmError)) throw error;
        forms = formsAfter(error, form, forms);
        refusals.push(error);
        if (forms.length === 0) throw this.verdict(refusals, query);
      }
    }
    throw this.verdict(refusals, query);
  }

  /** With the API still unknown, a 404 from every form says more than the last of them. */
  private verdict(refusals: readonly SageCrmError[], query: Query): SageCrmError {
    const last = refusals.at(-1);
    if (last !== undefined && !NEXT_API.has(last.code)) return last;
    const undecided = this.options.api === 'auto' && this.found === undefined;
    const unknown = refusals.every(({ code }) => code === 'NOT_FOUND');
    const [first = unknownPath(query)] = refusals;
    return undecided && unknown ? unknownPath(query, first) : first;
  }

  private forms(url: string): Form[] {
    const { path } = splitUrl(url);
    if (isSDataPath(path)) return [{ api: 'sdata' }];
    const asSData = LITERAL_ORDER[this.dateLiteral].map((dateLiteral): Form => ({
      api: 'sdata',
      dateLiteral,
    }));
    if (this.options.api === 'hub' || hubResourceIn(path) === undefined) return [{ api: 'hub' }];
    if (this.options.api === 'sdata') return asSData;
    return this.found === 'sdata' ? [...asSData, { api: 'hub' }] : [{ api: 'hub' }, ...asSData];
  }

  private ask(query: Query, form: Form, signal: AbortSignal): AsyncGenerator<Page, void, void> {
    if (form.api === 'hub') return this.hub.pages(query, signal);
    if (form.dateLiteral === undefined) return this.sdata.pages(query, signal);
    const { install, zone: serverZone } = this.options;
    const { dateLiteral } = form;
    const url = toSDataUrl(query.url, { install, serverZone, dateLiteral }) ?? query.url;
    return this.sdata.pages({ ...query, url }, signal);
  }

  private remember(url: string, form: Form): void {
    if (form.dateLiteral !== undefined) this.dateLiteral = form.dateLiteral;
    if (this.found === form.api || hubResourceIn(splitUrl(url).path) === undefined) return;
    this.found = form.api;
    this.options.onFound?.(form.api);
  }
}

/** The forms still worth trying after `error`. */
function formsAfter(error: SageCrmError, failed: Form, left: readonly Form[]): Form[] {
  if (NEXT_API.has(error.code)) return left.filter((form) => form.api !== failed.api);
  if (error.code === 'BAD_REQUEST' && failed.dateLiteral !== undefined) {
    return left.filter((form) => form.api === failed.api);
  }
  return [];
}

function unknownPath(query: Query, cause?: SageCrmError): SageCrmError {
  return new SageCrmError(
    'NOT_FOUND',
    `the server knows neither ${splitUrl(query.url).path} nor its form in Sage CRM's own API`,
    'check the subdomain with its base path, the install name and that the web API is switched on',
    { cause, details: { statusCode: 404 } },
  );
}
