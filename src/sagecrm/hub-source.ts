import type { CrmClient } from './client';
import { pageMark, pagingLoop } from './paging-loop';
import { joinUrl, parameter, splitUrl, withParameter, type RequestUrl } from './request-url';
import { hubRowsSchema, readShape } from './rows';
import type { Page, Query, Source } from './source';

/** Empty pages in a row, each promising more, after which the server is going in circles. */
const MOST_EMPTY_PAGES = 100;

/** What tells one page from the next, to notice a server that repeats itself. */
interface Trail {
  token: string;
  mark: string;
  emptyPages: number;
}

/**
 * The hub API of Open Connectors and gateways like it: a bare array of records; a response header
 * `elements-next-page-token`, passed back as `nextPage`, leads on, and no header means the end.
 */
export class HubSource implements Source {
  constructor(private readonly client: Pick<CrmClient, 'get'>) {}

  async *pages(query: Query, signal: AbortSignal): AsyncGenerator<Page, void, void> {
    const first = firstUrl(query);
    let trail: Trail = { token: '', mark: '', emptyPages: 0 };
    for (;;) {
      const url = trail.token === '' ? first : withParameter(first, 'nextPage', trail.token);
      const answer = await this.client.get(joinUrl(url), 'hub', signal);
      const rows = readShape(hubRowsSchema, answer.body);
      const token = answer.headers['elements-next-page-token'] ?? '';
      const total = Number(answer.headers['elements-total-count'] ?? NaN);
      yield {
        rows,
        serverTime: answer.serverTime,
        total: Number.isFinite(total) ? total : undefined,
        more: token !== '',
      };
      if (token === '') return;
      trail = follow(trail, token, rows);
    }
  }
}

function firstUrl(query: Query): RequestUrl {
  const url = splitUrl(query.url);
  if (query.pageSize === undefined || parameter(url, 'pageSize') !== undefined) return url;
  return withParameter(url, 'pageSize', String(query.pageSize));
}

function follow(trail: Trail, token: string, rows: readonly unknown[]): Trail {
  const mark = pageMark(rows);
  const emptyPages = rows.length === 0 ? trail.emptyPages + 1 : 0;
  if ((token === trail.token && mark === trail.mark) || emptyPages > MOST_EMPTY_PAGES) {
    throw pagingLoop();
  }
  return { token, mark, emptyPages };
}
