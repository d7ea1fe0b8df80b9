import type { ServerResponse } from 'node:http';
import { rowJson, type BacklogRows } from './rows';

const DEFAULT_PAGE_SIZE = 200;
const LARGEST_PAGE_SIZE = 5000;
const BOUND = /Comp_UpdatedDate\s*>\s*'([^']+)'/;

/** One page of the hub API, worked out row by row, so that it is never what a poll waits for. */
export function answerPage(
  rows: BacklogRows,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const size = Math.min(Number(query.get('pageSize') ?? DEFAULT_PAGE_SIZE), LARGEST_PAGE_SIZE);
  const bound = Date.parse(BOUND.exec(query.get('where') ?? '')?.[1] ?? '');
  const from = Number.isNaN(bound) ? 0 : rows.firstAfter(bound);
  const total = rows.records - from;
  const begin = Math.min(total, Number(query.get('nextPage') ?? 0));
  const end = Math.min(total, begin + size);
  const page: string[] = [];
  for (let place = begin; place < end; place += 1) page.push(rowJson(rows.at(from, place)));
  response.setHeader('content-type', 'application/json');
  response.setHeader('elements-total-count', String(total));
  response.setHeader('elements-returned-count', String(page.length));
  if (end < total) response.setHeader('elements-next-page-token', String(end));
  response.end(`[${page.join(',')}]`);
}

export function answerNothing(response: ServerResponse): void {
  response.setHeader('content-type', 'application/json').end('[]');
}
