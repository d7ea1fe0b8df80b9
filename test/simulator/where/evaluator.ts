import type { ColumnType, FieldValue, RowFields } from '../entities';
import type { ServerDates } from '../server-dates';
import type { Column, ComparisonOperator, Dialect, Expression, Literal } from './expression';
import { parseWhere } from './parser';
import { WhereError } from './tokenizer';

/** Decides about one row: SQL's three values, where null is "unknown". */
type Test = (fields: RowFields) => boolean | null;

/** The order of a value and a literal as -1, 0 or 1; null when unknown. */
type Order = (value: FieldValue | undefined) => number | null;

export interface WhereContext {
  /** Finds a column by its name in any case. */
  column(name: string): { name: string; type: ColumnType } | undefined;
  dialect: Dialect;
  dates: ServerDates;
}

/** Compiles a where clause to a filter of rows; throws WhereError. */
export function compileWhere(
  clause: string,
  context: WhereContext,
): (fields: RowFields) => boolean {
  const test = new Compiler(context).compile(parseWhere(clause, context.dialect));
  return (fields) => test(fields) === true;
}

const SATISFIES: Readonly<Record<ComparisonOperator, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};

class Compiler {
  constructor(private readonly context: WhereContext) {}

  compile(expression: Expression): Test {
    switch (expression.kind) {
      case 'and':
        return allOf(this.compile(expression.left), this.compile(expression.right));
      case 'or':
        return anyOf(this.compile(expression.left), this.compile(expression.right));
      case 'not':
        return negate(this.compile(expression.operand));
      case 'compare':
        return this.compare(expression.column, expression.operator, expression.literal);
      case 'between':
        return allOf(
          this.compare(expression.column, 'ge', expression.low),
          this.compare(expression.column, 'le', expression.high),
        );
      case 'in':
        return expression.literals
          .map((literal) => this.compare(expression.column, 'eq', literal))
          .reduce(anyOf);
      case 'like':
        return this.like(expression.column, expression.pattern);
      case 'isNull': {
        const { name } = this.find(expression.column);
        return (fields) => (fields[name] ?? null) === null;
      }
    }
  }

  private compare(column: Column, operator: ComparisonOperator, literal: Literal): Test {
    const { name, type } = this.find(column);
    const order = this.orderOf(type, literal);
    const satisfies = SATISFIES[operator];
    return (fields) => {
      const result = order(fields[name]);
      return result === null ? null : satisfies(result);
    };
  }

  private like(column: Column, pattern: Literal): Test {
    const { name } = this.find(column);
    const regex = likePattern(pattern.value);
    return (fields) => {
      const value = fields[name] ?? null;
      return value === null ? null : regex.test(String(value));
    };
  }

  private find(column: Column): { name: string; type: ColumnType } {
    const found = this.context.column(column.name);
    if (found === undefined) {
      throw new WhereError(`Invalid column name '${column.name}'`, column.position);
    }
    return found;
  }

  private orderOf(type: ColumnType, literal: Literal): Order {
    if (type === 'date') return this.dateOrder(literal);
    if (literal.kind === 'date') throw new WhereError('The column is no date', literal.position);
    if (type === 'number') return numberOrder(literal);
    return textOrder(literal.value);
  }

  private dateOrder(literal: Literal): Order {
    const { dates, dialect } = this.context;
    const quoted = literal.kind === 'text' && dialect.quotedDates;
    const limit = quoted || literal.kind === 'date' ? dates.comparable(literal.value) : undefined;
    if (limit === undefined) {
      throw new WhereError(`"${literal.value}" is not a date here`, literal.position);
    }
    // A malformed date can only come from setRaw; as text it is at least found or not for good.
    const asText = textOrder(literal.value);
    return (value) => {
      if (typeof value !== 'string') return null;
      const date = dates.comparable(value);
      return date === undefined ? asText(value) : Math.sign(date - limit);
    };
  }
}

function numberOrder(literal: Literal): Order {
  const limit = Number(literal.value);
  if (literal.value.trim() === '' || Number.isNaN(limit)) {
    throw new WhereError(`"${literal.value}" is not a number`, literal.position);
  }
  return (value) => {
    if (value === undefined || value === null || value === '') return null;
    const number = Number(value);
    return Number.isNaN(number) ? null : Math.sign(number - limit);
  };
}

/** Case does not matter, as in the usual collation of SQL Server. */
function textOrder(literal: string): Order {
  const limit = literal.toLowerCase();
  return (value) => {
    if (value === undefined || value === null) return null;
    const text = String(value).toLowerCase();
    return text === limit ? 0 : text < limit ? -1 : 1;
  };
}

/** SQL's pattern: % for any text, _ for one character. */
function likePattern(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${source}$`, 'is');
}

function allOf(left: Test, right: Test): Test {
  return (fields) => {
    const first = left(fields);
    if (first === false) return false;
    const second = right(fields);
    return second === false ? false : first === null || second === null ? null : true;
  };
}

function anyOf(left: Test, right: Test): Test {
  return (fields) => {
    const first = left(fields);
    if (first === true) return true;
    const second = right(fields);
    return second === true ? true : first === null || second === null ? null : false;
  };
}

function negate(test: Test): Test {
  return (fields) => {
    const result = test(fields);
    return result === null ? null : !result;
  };
}
