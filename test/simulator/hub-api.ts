import { jsonAnswer, type Answer, type ApiRequest } from './answer';
import { countParameter, statedTotal, type ApiContext } from './api-context';
import { hasBasicAccess, hasElementAccess } from './authentication';
import type { FieldValue } from './entities';
import type { HubOptions } from './options';
import type { ServerDates } from './server-dates';
import type { CrmRow, Table } from './table';
import { HUB_DIALECT } from './where/expression';
import { WhereError } from './where/tokenizer';

const DEFAULT_PAGE_SIZE = 200;
const DEFAULT_MAX_PAGE_SIZE = 5000;

/** The hub's names for Sage CRM's entities; any other resource is an entity by its own name. */
const ENTITY_OF_RESOURCE: Readonly<Record<string, string>> = {
  accounts: 'company',
  contacts: 'person',
  leads: 'lead',
  opportunities: 'opportunity',
  users: 'users',
};

/** Answers `GET /hubs/crm/{resource}`; `request.path` is the resource. */
export function answerHub(request: ApiRequest, context: ApiContext): Answer {
  if (!hasBasicAccess(request, context.options) && !hasElementAccess(request, context.options)) {
    return hubUnauthorized(request);
  }
  if (request.method !== 'GET') {
    return hubError(request, 405, `${request.method} is not supported for this resource`);
  }
  const resource = request.path;
  const table = context.crm.findTable(ENTITY_OF_RESOURCE[resource.toLowerCase()] ?? resource);
  if (table === undefined) {
    return hubError(request, 404, `No resource found with the name ${resource}`);
  }
  try {
    return page(request, context, table);
  } catch (error) {
    if (!(error instanceof WhereError)) throw error;
    return hubError(request, 400, 'Invalid where clause', error.message);
  }
}

export function hubUnauthorized(request: ApiRequest): Answer {
  return hubError(request, 401, 'Invalid Organization or User secret, or invalid Element token');
}

/** The hub's one shape of error. */
export function hubError(
  request: ApiRequest,
  status: number,
  message: string,
  providerMessage = message,
): Answer {
  const { requestId } = request;
  return jsonAnswer(
    status,
    { message, requestId, providerMessage },
    { 'elements-request-id': requestId },
  );
}

function page(request: ApiRequest, context: ApiContext, table: Table): Answer {
  const quirks = context.options.hub ?? {};
  const asked = countParameter(request.query.get('pageSize'), DEFAULT_PAGE_SIZE, 1);
  const token = request.query.get('nextPage');
  const offset = token === null ? 0 : offsetOf(token, quirks);
  if (Number.isNaN(asked)) return hubError(request, 400, 'pageSize must be a positive number');
  if (Number.isNaN(offset)) return hubError(request, 400, 'nextPage is not a valid token');

  const pageSize = Math.min(asked, quirks.maxPageSize ?? DEFAULT_MAX_PAGE_SIZE);
  const where = request.query.get('where') ?? undefined;
  const entity = table.definition.name;
  context.options.beforePage?.({ api: 'hub', entity, where, offset, pageSize });

  const found = findRows(where, table, context);
  const rows = found.slice(offset, offset + pageSize);
  const total = statedTotal(found.length, rows.length, quirks.totalCountWrong);
  const nextToken = nextTokenOf({ token, next: offset + rows.length, found, quirks });
  return jsonAnswer(
    200,
    rows.map((row) => hubRow(row, context.dates)),
    {
      'elements-request-id': request.requestId,
      'elements-returned-count': String(rows.length),
      'elements-total-count': String(total),
      ...(nextToken === undefined ? {} : { 'elements-next-page-token': nextToken }),
    },
  );
}

function findRows(
  where: string | undefined,
  table: Table,
  { options: { hub: quirks = {} }, queries, dates }: ApiContext,
): readonly CrmRow[] {
  return queries.run({
    table,
    where: quirks.honoursWhere === false || where === '' ? undefined : where,
    dialect: HUB_DIALECT,
    dates,
    order: quirks.rowOrder ?? 'id',
  });
}

/** Where the next page begins; undefined at the end. */
function nextTokenOf(page: {
  token: string | null;
  next: number;
  found: readonly CrmRow[];
  quirks: HubOptions;
}): string | undefined {
  if (page.quirks.repeatToken === true && page.token !== null) return page.token;
  return page.next < page.found.length ? tokenFor(page.next, page.quirks) : undefined;
}

function hubRow(row: CrmRow, dates: ServerDates): Record<string, FieldValue> {
  const shown: Record<string, FieldValue> = { key: row.id };
  for (const [name, value] of Object.entries(row.fields)) {
    shown[name] = typeof value === 'string' ? dates.show(value) : value;
  }
  return shown;
}

/** An opaque token ends in `=` and holds `+`, so that a client must encode it to send it back. */
function tokenFor(offset: number, quirks: HubOptions): string {
  if (quirks.tokenStyle !== 'opaque') return String(offset);
  return `${Buffer.from(`offset ${offset}`).toString('base64url')}+/=`;
}

/** NaN for what is no token of ours. */
function offsetOf(token: string, quirks: HubOptions): number {
  if (quirks.tokenStyle !== 'opaque') return countParameter(token, 0, 0);
  if (!token.endsWith('+/=')) return Number.NaN;
  const text = Buffer.from(token.slice(0, -3), 'base64url').toString();
  return countParameter(/^offset (\d+)$/.exec(text)?.[1] ?? '', 0, 0);
}
