import type { FieldValue } from './entities';
import type { ServerDates } from './server-dates';
import type { CrmRow, Table } from './table';
import { compileWhere } from './where/evaluator';
import type { Dialect } from './where/expression';

/** How a server orders rows when nobody asks: by number, by updated date, or as it pleases. */
export type RowOrder = 'id' | 'date' | 'shuffled';

export interface SortColumn {
  /** A column in its own case. */
  column: string;
  descending: boolean;
}

export interface RowQuery {
  table: Table;
  /** All rows when undefined. */
  where: string | undefined;
  dialect: Dialect;
  dates: ServerDates;
  order: RowOrder | readonly SortColumn[];
}

/** What a row sorts by, beside its number. */
type Ranks = readonly (number | string | null)[];

interface CachedResult {
  revision: number;
  rows: readonly CrmRow[];
}

/** Each poll brings a new clause, so only the results now being paged through are worth keeping. */
const KEPT_RESULTS = 8;

/**
 * Filters and orders rows. Every page asks anew; the answer is computed again only after the data
 * has changed, so paging through a million rows stays fast.
 */
export class RowQueries {
  private readonly results = new Map<string, CachedResult>();

  /** Throws WhereError. */
  run(query: RowQuery): readonly CrmRow[] {
    const key = keyOf(query);
    const { revision } = query.table;
    const cached = this.results.get(key);
    if (cached?.revision === revision) return cached.rows;
    const rows = inOrder(matching(query), query);
    this.results.delete(key);
    this.results.set(key, { revision, rows });
    for (const oldest of this.results.keys()) {
      if (this.results.size <= KEPT_RESULTS) break;
      this.results.delete(oldest);
    }
    return rows;
  }
}

function keyOf({ table, where, dialect, dates, order }: RowQuery): string {
  return JSON.stringify([table.definition, where, dialect, dates.zoneName, dates.style, order]);
}

function matching({ table, where, dialect, dates }: RowQuery): [number, CrmRow][] {
  if (where === undefined) return [...table.visible];
  const matches = compileWhere(where, { column: (name) => table.column(name), dialect, dates });
  const found: [number, CrmRow][] = [];
  for (const entry of table.visible) {
    if (matches(entry[1].fields)) found.push(entry);
  }
  return found;
}

function inOrder(entries: [number, CrmRow][], query: RowQuery): readonly CrmRow[] {
  if (query.order === 'id') return entries.sort((a, b) => a[0] - b[0]).map(([, row]) => row);
  const { ranksOf, directions } = ranking(query.order, query);
  return entries
    .map(([id, row]) => ({ id, row, ranks: ranksOf(id, row) }))
    .sort((a, b) => compareRanks(a.ranks, b.ranks, directions) || a.id - b.id)
    .map(({ row }) => row);
}

function ranking(
  order: Exclude<RowQuery['order'], 'id'>,
  { table, dates }: RowQuery,
): { ranksOf: (id: number, row: CrmRow) => Ranks; directions: readonly number[] } {
  if (order === 'shuffled') return { ranksOf: (id) => [scatter(id)], directions: [1] };
  const columns =
    order === 'date' ? [{ column: table.definition.updatedColumn, descending: false }] : order;
  return {
    ranksOf: (_, { fields }) => columns.map(({ column }) => rank(fields[column], dates)),
    directions: columns.map(({ descending }) => (descending ? -1 : 1)),
  };
}

function rank(value: FieldValue | undefined, dates: ServerDates): number | string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') return Number(value);
  return dates.comparable(value) ?? value.toLowerCase();
}

/** Nulls first, as SQL Server sorts; a number before text. */
function compareRanks(a: Ranks, b: Ranks, directions: readonly number[]): number {
  for (const [index, direction] of directions.entries()) {
    const order = compareRank(a[index] ?? null, b[index] ?? null);
    if (order !== 0) return order * direction;
  }
  return 0;
}

function compareRank(a: number | string | null, b: number | string | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : 1;
}

/** Spreads numbers without order, always in the same way (Knuth's multiplicative hash). */
function scatter(id: number): number {
  return Math.imul(id, 2_654_435_761) >>> 0;
}
