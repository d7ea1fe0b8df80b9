import type { Zone } from 'luxon';
import { SageCrmError } from '../errors/sagecrm-error';
import type { CrmClient } from './client';
import {
  formsAfter,
  formsFor,
  isProven,
  isUnknownPath,
  learned,
  type Finding,
  type Form,
  type FormRules,
} from './forms';
import { HubSource } from './hub-source';
import { splitUrl } from './request-url';
import { SDataSource } from './sdata-source';
import { toSDataUrl } from './sdata-translation';
import type { Api, Page, Query, Source } from './source';

export interface ServerSourceOptions extends FormRules {
  client: Pick<CrmClient, 'get'>;
  install: string;
  /** The server's zone, for dates without one. */
  zone: Zone;
  /** The zone dates are written in for Sage CRM's own API; absent: as the server's zone asks. */
  literalZone?: Zone;
  /** What was found before, such as in an earlier run. */
  finding?: Finding;
  /** Told whenever something new was found. */
  onFound?: (finding: Finding) => void;
}

interface OpenedPages {
  first: Page | undefined;
  rest: AsyncGenerator<Page, void, void>;
}

/**
 * The source of one configured server: picks the form for each query, and where a choice is left to
 * it finds out which one the server speaks, and remembers it.
 *
 * A form is given up only for another when the server does not know the path (404, or a page that
 * is not JSON) or, among the forms of Sage CRM's own API, when it refuses the request. A refused
 * log-on is never tried in another form.
 */
export class ServerSource implements Source {
  private readonly hub: HubSource;
  private readonly sdata: SDataSource;
  /** What to try first; a finding of an earlier run counts here. */
  private found: Finding;
  /** What this run has seen work, by resource: a column that orders one may not order another. */
  private readonly proven = new Map<string, Finding>();

  constructor(private readonly options: ServerSourceOptions) {
    this.hub = new HubSource(options.client);
    this.sdata = new SDataSource(options.client);
    this.found = options.finding ?? {};
  }

  /** The API that answered last; undefined until one has. */
  get api(): Api | undefined {
    return this.found.api;
  }

  async *pages(query: Query, signal: AbortSignal): AsyncGenerator<Page, void, void> {
    const { first, rest } = await this.open(query, signal);
    if (first !== undefined) yield first;
    yield* rest;
  }

  /** Only the first page may choose the form: once records flow, a fault is a fault. */
  private async open(query: Query, signal: AbortSignal): Promise<OpenedPages> {
    const refusals: SageCrmError[] = [];
    let forms = formsFor(query.url, this.options, this.found);
    for (let form = forms.shift(); form !== undefined; form = forms.shift()) {
      const rest = this.ask(query, form, signal);
      try {
        const first = await rest.next();
        this.remember(query, form);
        return { first: first.done ? undefined : first.value, rest };
      } catch (error) {
        if (!(error instanceof SageCrmError)) throw error;
        refusals.push(error);
        // A form that has worked is not to blame: the clause itself is.
        forms =
          isProven(form, this.proven.get(query.resource) ?? {}) && !isUnknownPath(error)
            ? []
            : formsAfter(error, form, forms);
      }
    }
    throw this.verdict(refusals, query);
  }

  /** With the API still unknown, a 404 from every form says more than the last of them. */
  private verdict(refusals: readonly SageCrmError[], query: Query): SageCrmError {
    const last = refusals.at(-1);
    if (last !== undefined && !isUnknownPath(last)) return last;
    const undecided = this.options.api === 'auto' && this.found.api === undefined;
    const unknown = refusals.every(({ code }) => code === 'NOT_FOUND');
    const [first = unknownPath(query)] = refusals;
    return undecided && unknown ? unknownPath(query, first) : first;
  }

  private ask(query: Query, form: Form, signal: AbortSignal): AsyncGenerator<Page, void, void> {
    if (form.api === 'hub') return this.hub.pages(query, signal);
    if (form.translation === undefined) return this.sdata.pages(query, signal);
    const { install, zone: serverZone, literalZone } = this.options;
    const { dateLiteral, ordered } = form.translation;
    const orderBy = ordered ? query.updatedField : undefined;
    const address = { install, serverZone, literalZone, dateLiteral, orderBy };
    const url = toSDataUrl(query.url, address) ?? query.url;
    return this.sdata.pages({ ...query, url }, signal);
  }

  private remember({ url, resource }: Query, form: Form): void {
    this.proven.set(resource, learned(url, form, {}));
    const now = learned(url, form, this.found);
    const { api, dateLiteral, ordered } = this.found;
    if (now.api === api && now.dateLiteral === dateLiteral && now.ordered === ordered) return;
    this.found = now;
    this.options.onFound?.(now);
  }
}

function unknownPath(query: Query, cause?: SageCrmError): SageCrmError {
  return new SageCrmError(
    'NOT_FOUND',
    `the server knows neither ${splitUrl(query.url).path} nor its form in Sage CRM's own API`,
    'check the subdomain with its base path, the install name and that the web API is switched on',
    { cause, details: { statusCode: 404 } },
  );
}
