import type { z } from 'zod';
import type { CrmClient } from './client';
import { pageMark, pagingLoop } from './paging-loop';
import { joinUrl, parameter, splitUrl, withParameter, type RequestUrl } from './request-url';
import { feedSchema, readShape } from './rows';
import type { Page, Query, Source } from './source';

const DEFAULT_COUNT = 200;

/**
 * Sage CRM's own REST API (SData): a feed with `$resources`, paged by `startIndex` and `count`.
 *
 * Servers cap the page below what was asked and may report a wrong total, so the next page starts
 * after the rows really received, and the end is an empty page, or a short one that the total
 * confirms.
 */
export class SDataSource implements Source {
  constructor(private readonly client: Pick<CrmClient, 'get'>) {}

  async *pages(query: Query, signal: AbortSignal): AsyncGenerator<Page, void, void> {
    const first = firstUrl(query);
    const start = Number(parameter(first, 'startIndex') ?? 1);
    let received = 0;
    let lastMark = '';
    let url = withParameter(first, 'startIndex', String(start));
    for (;;) {
      const answer = await this.client.get(joinUrl(url), 'sdata', signal);
      const feed = readShape(feedSchema, answer.body);
      const rows = feed.$resources;
      const mark = pageMark(rows);
      if (rows.length > 0 && mark === lastMark) throw pagingLoop();
      lastMark = mark;
      received += rows.length;
      const more = !isLast(rows.length, received + start - 1, feed);
      yield { rows, serverTime: answer.serverTime, total: feed.$totalResults, more };
      if (!more) return;
      const next = start + received;
      const link = feed.$next ?? feed.$links?.$next;
      url = linked(link, url, next) ?? withParameter(first, 'startIndex', String(next));
    }
  }
}

/**
 * The server's own link to the next page, when it leads to the same list and to the row after those
 * received; a link that skips rows, as one counted by capped pages does, is left aside.
 */
function linked(
  link: string | undefined,
  current: RequestUrl,
  next: number,
): RequestUrl | undefined {
  if (link === undefined) return undefined;
  const url = splitUrl(/^https?:\/\/[^/]+(.*)$/i.exec(link)?.[1] ?? link);
  const isSameList = url.path.endsWith(current.path);
  if (!isSameList || parameter(url, 'startIndex') !== String(next)) return undefined;
  return { ...url, path: current.path };
}

function firstUrl(query: Query): RequestUrl {
  let url = splitUrl(query.url);
  if (query.select !== undefined && parameter(url, 'select') === undefined) {
    url = withParameter(url, 'select', query.select);
  }
  if (parameter(url, 'count') !== undefined) return url;
  return withParameter(url, 'count', String(query.pageSize ?? DEFAULT_COUNT));
}

/**
 * An empty page is the last. A page with fewer rows than the server says a page has is taken for the
 * last only when its total agrees: caps, hidden rows and wrong totals each fool one of the two.
 */
function isLast(rows: number, reached: number, feed: z.output<typeof feedSchema>): boolean {
  if (rows === 0) return true;
  const { $itemsPerPage: full, $totalResults: total } = feed;
  return full !== undefined && rows < full && total !== undefined && reached >= total;
}
