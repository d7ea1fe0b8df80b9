import type { ApiRequest } from './answer';
import { statedTotal, type ApiContext } from './api-context';
import type { FieldValue } from './entities';
import type { CrmRow } from './table';

interface FeedParts {
  request: ApiRequest;
  context: ApiContext;
  entity: string;
  /** Every row the query finds, on whatever page. */
  found: readonly CrmRow[];
  startIndex: number;
  count: number;
  columns: ReadonlySet<string> | undefined;
}

/** One page of a feed. */
export function feedOf(parts: FeedParts): Record<string, unknown> {
  const { request, context, entity, found, startIndex, count, columns } = parts;
  const quirks = context.options.sdata ?? {};
  const rows = found.slice(startIndex - 1, startIndex - 1 + count);
  const next = startIndex + rows.length;
  const hasNext = quirks.nextLinks === true && rows.length > 0 && next <= found.length;
  return {
    $totalResults: statedTotal(found.length, rows.length, quirks.wrongTotal),
    $startIndex: startIndex,
    $itemsPerPage: count,
    ...(hasNext ? nextLink(request, entity, next) : {}),
    $resources: rows.map((row) => sdataRow(row, columns, request.root, context)),
  };
}

/** One record; `columns` are those to show, undefined for all. */
export function sdataRow(
  row: CrmRow,
  columns: ReadonlySet<string> | undefined,
  root: string,
  context: ApiContext,
): Record<string, FieldValue> {
  const { keyType = 'number', omitsNulls = false } = context.options.sdata ?? {};
  const shown: Record<string, FieldValue> = {
    $key: keyType === 'number' ? Number(row.id) : row.id,
    $url: `${root}/${row.entity}('${row.id}')`,
  };
  for (const [name, value] of Object.entries(row.fields)) {
    if (columns?.has(name) === false || (omitsNulls && value === null)) continue;
    shown[name] = typeof value === 'string' ? context.dates.show(value) : value;
  }
  return shown;
}

function nextLink(
  request: ApiRequest,
  entity: string,
  startIndex: number,
): Record<string, unknown> {
  const query = new URLSearchParams(request.query);
  query.set('startIndex', String(startIndex));
  const url = `${request.root}/${entity}?${query.toString()}`;
  return { $next: url, $links: { $next: { $url: url } } };
}
