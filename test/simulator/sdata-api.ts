import { iisNotFound, jsonAnswer, type Answer, type ApiRequest } from './answer';
import { countParameter, type ApiContext } from './api-context';
import { hasBasicAccess } from './authentication';
import { SdataFault } from './sdata-fault';
import { feedOf, sdataRow } from './sdata-feed';
import { answerPrototypes } from './sdata-prototypes';
import type { RowOrder, SortColumn } from './row-query';
import type { Table } from './table';
import { sdataDialect } from './where/expression';
import { WhereError } from './where/tokenizer';

/** The standard's default; a client that says nothing gets small pages. */
const DEFAULT_COUNT = 10;
const DEFAULT_PAGE_CAP = 100;

/** Answers below `/sdata/{install}j/sagecrm2/-`; `request.path` is `company`, `company('43')`, … */
export function answerSdata(request: ApiRequest, context: ApiContext): Answer {
  if (!hasBasicAccess(request, context.options)) return sdataUnauthorized();
  if (request.method !== 'GET') {
    return diagnosis(405, 'ApplicationDiagnosis', `${request.method} is not supported.`);
  }
  try {
    return route(request, context);
  } catch (error) {
    if (error instanceof SdataFault) {
      return diagnosis(error.status, error.sdataCode, error.message);
    }
    if (!(error instanceof WhereError)) throw error;
    return diagnosis(400, 'BadWhereSyntax', error.message);
  }
}

/** Sage CRM sends no `WWW-Authenticate` with it. */
export function sdataUnauthorized(): Answer {
  return diagnosis(401, 'ApplicationDiagnosis', 'Authentication failed.');
}

/** SData's one shape of error. */
export function diagnosis(status: number, sdataCode: string, message: string): Answer {
  return jsonAnswer(status, {
    $diagnoses: [
      {
        $severity: 'error',
        $sdataCode: sdataCode,
        $message: message,
        $applicationCode: String(2000 + status),
      },
    ],
  });
}

function route(request: ApiRequest, context: ApiContext): Answer {
  if (request.path.startsWith('$prototypes')) return answerPrototypes(request, context);
  const match = /^([\w$]+)(?:\('?([^')]*)'?\))?$/.exec(request.path);
  if (match === null) return iisNotFound();
  const [, entity = '', key] = match;
  const table = context.crm.findTable(entity);
  if (table === undefined) {
    throw new SdataFault(404, 'DataSetNotFound', `There is no resource kind "${entity}".`);
  }
  return key === undefined ? feed(request, context, table) : record(request, context, table, key);
}

function record(request: ApiRequest, context: ApiContext, table: Table, key: string): Answer {
  const row = table.visible.get(Number(key));
  if (row === undefined) {
    throw new SdataFault(404, 'ResourceNotFound', `There is no ${table.definition.name} "${key}".`);
  }
  return jsonAnswer(200, sdataRow(row, selected(request, table), request.root, context));
}

function feed(request: ApiRequest, context: ApiContext, table: Table): Answer {
  const quirks = context.options.sdata ?? {};
  const asked = countParameter(request.query.get('count'), DEFAULT_COUNT, 0);
  const startIndex = countParameter(request.query.get('startIndex'), 1, 1);
  if (Number.isNaN(asked) || Number.isNaN(startIndex)) {
    throw new SdataFault(400, 'BadUrlSyntax', 'count and startIndex must be positive numbers.');
  }
  const count = Math.min(asked, quirks.pageCap ?? DEFAULT_PAGE_CAP);
  const where = request.query.get('where') ?? undefined;
  const entity = table.definition.name;
  const offset = startIndex - 1;
  context.options.beforePage?.({ api: 'sdata', entity, where, offset, pageSize: count });

  const found = context.queries.run({
    table,
    where: quirks.ignoresWhere === true || where === '' ? undefined : where,
    dialect: sdataDialect({
      literal: quirks.literal ?? 'both',
      acceptsLessThan: quirks.acceptsLessThan ?? false,
    }),
    dates: context.dates,
    order: orderOf(request, context, table),
  });
  const columns = selected(request, table);
  return jsonAnswer(200, feedOf({ request, context, entity, found, startIndex, count, columns }));
}

/** The columns asked for with `select`; undefined for all. */
function selected(request: ApiRequest, table: Table): Set<string> | undefined {
  const select = request.query.get('select') ?? '';
  if (select === '') return undefined;
  return new Set(select.split(',').map((name) => columnNamed(table, name.trim())));
}

function orderOf(
  request: ApiRequest,
  context: ApiContext,
  table: Table,
): RowOrder | readonly SortColumn[] {
  const quirks = context.options.sdata ?? {};
  const orderBy = request.query.get('orderBy') ?? '';
  if (orderBy === '' || quirks.honoursOrderBy === false) return quirks.rowOrder ?? 'id';
  return orderBy.split(',').map((part) => {
    const match = /^(\S+)(?:\s+(asc|desc))?$/i.exec(part.trim());
    if (match === null)
      throw new SdataFault(400, 'BadUrlSyntax', `orderBy "${part}" is not valid.`);
    const [, name = '', direction = 'asc'] = match;
    return {
      column: columnNamed(table, name),
      descending: direction.toLowerCase() === 'desc',
    };
  });
}

function columnNamed(table: Table, name: string): string {
  const column = table.column(name);
  if (column === undefined) throw new SdataFault(400, 'BadUrlSyntax', `Invalid column "${name}".`);
  return column.name;
}
