import { createServer, type ServerResponse } from 'node:http';
import { listeningSchema, serverOptionsSchema, tell } from './messages';
import { BacklogRows, rowJson } from './rows';

const DEFAULT_PAGE_SIZE = 200;
const LARGEST_PAGE_SIZE = 5000;
const BOUND = /Comp_UpdatedDate\s*>\s*'([^']+)'/;

/**
 * A hub API with one full resource, `accounts`; every other one is empty. It works its pages out row
 * by row and holds none of them, so that it is never what a poll waits for.
 */
function main(): void {
  const { records, order } = serverOptionsSchema.parse(JSON.parse(process.argv[2] ?? ''));
  const rows = new BacklogRows(records, order);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname.endsWith('/accounts')) answer(rows, url.searchParams, response);
    else response.setHeader('content-type', 'application/json').end('[]');
  });
  // A connection that ends just as it is used again would be a fault, and none of a backlog's.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => {
    const { port } = listeningSchema.parse(server.address());
    tell({ port });
  });
  process.once('disconnect', () => process.exit());
}

function answer(rows: BacklogRows, query: URLSearchParams, response: ServerResponse): void {
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

main();
