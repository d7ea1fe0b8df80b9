export type ComparisonOperator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

export interface Literal {
  /** `date` is a literal between @ signs, `word` is true or false. */
  readonly kind: 'text' | 'date' | 'number' | 'word';
  readonly value: string;
  readonly position: number;
}

export interface Column {
  readonly name: string;
  readonly position: number;
}

/** A parsed where clause. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | {
      readonly kind: 'compare';
      readonly column: Column;
      readonly operator: ComparisonOperator;
      readonly literal: Literal;
    }
  | { readonly kind: 'like'; readonly column: Column; readonly pattern: Literal }
  | { readonly kind: 'in'; readonly column: Column; readonly literals: readonly Literal[] }
  | {
      readonly kind: 'between';
      readonly column: Column;
      readonly low: Literal;
      readonly high: Literal;
    }
  | { readonly kind: 'isNull'; readonly column: Column };

/** What one of the two APIs accepts in a where clause. */
export interface Dialect {
  readonly name: 'hub' | 'sdata';
  readonly comparisons: Readonly<Record<string, ComparisonOperator>>;
  /** Whether `not` and `is null` are known. */
  readonly negation: boolean;
  /** Whether `@2026-01-31@` is a date. */
  readonly atDates: boolean;
  /** Whether `'2026-01-31'` is a date where one is needed. */
  readonly quotedDates: boolean;
}

/** The hub API's language, close to SQL. */
export const HUB_DIALECT: Dialect = {
  name: 'hub',
  comparisons: { '=': 'eq', '!=': 'ne', '<>': 'ne', '>': 'gt', '>=': 'ge', '<': 'lt', '<=': 'le' },
  negation: true,
  atDates: false,
  quotedDates: true,
};

/** SData's language as Sage documents it: no `lt` and `le` unless the server happens to know them. */
export function sdataDialect(options: {
  literal: '@' | "'" | 'both';
  acceptsLessThan: boolean;
}): Dialect {
  return {
    name: 'sdata',
    comparisons: {
      eq: 'eq',
      ne: 'ne',
      gt: 'gt',
      ge: 'ge',
      ...(options.acceptsLessThan ? { lt: 'lt', le: 'le' } : {}),
    },
    negation: false,
    atDates: options.literal !== "'",
    quotedDates: options.literal !== '@',
  };
}
