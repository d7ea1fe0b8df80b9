import type { ComparisonOperator, Expression } from './ast';
import { betweenClause, comparisonClause, quoted, type SDataDialect } from './conditions';
import { whereUnsupported } from './fault';
import { parseWhere } from './parser';
import { join, printClause, type Clause } from './printer';

export type { SDataDialect } from './conditions';

const OPPOSITE: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  eq: 'ne',
  ne: 'eq',
  gt: 'le',
  le: 'gt',
  lt: 'ge',
  ge: 'lt',
};

/**
 * Puts a where clause, as users write it for the hub API, into the form of Sage CRM's REST API.
 *
 * What comes out uses only `eq ne gt ge like between and or`, `lt` and `le` where the dialect has
 * them, and parentheses. It selects the same records; where the wall times of a zone repeat an hour
 * it may select more, never fewer.
 *
 * @param where the clause in plain characters: percent-decoded, template variables filled in
 * @throws SageCrmError WHERE_INVALID with `details.position`, the offset of the fault from 0
 */
export function translateWhere(where: string, dialect: SDataDialect): string {
  return printClause(translate(parseWhere(where), false, dialect));
}

/** Negation is carried down to the conditions, since the server lists no `not`. */
function translate(expression: Expression, negated: boolean, dialect: SDataDialect): Clause {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return join(
        (expression.kind === 'and') === negated ? 'or' : 'and',
        expression.parts.map((part) => translate(part, negated, dialect)),
      );
    case 'not':
      return translate(expression.operand, !negated, dialect);
    case 'comparison': {
      const operator = negated ? OPPOSITE[expression.operator] : expression.operator;
      return comparisonClause({ ...expression, operator }, dialect);
    }
    case 'in': {
      const { column, values, position } = expression;
      const operator = negated ? 'ne' : 'eq';
      return join(
        negated ? 'and' : 'or',
        values.map((value) =>
          comparisonClause({ kind: 'comparison', column, operator, value, position }, dialect),
        ),
      );
    }
    case 'between': {
      if (!negated) return betweenClause(expression, dialect);
      const { column, low, high, position } = expression;
      return join('or', [
        comparisonClause(
          { kind: 'comparison', column, operator: 'lt', value: low, position },
          dialect,
        ),
        comparisonClause(
          { kind: 'comparison', column, operator: 'gt', value: high, position },
          dialect,
        ),
      ]);
    }
    case 'like':
      if (negated) throw noNotLike(expression.position);
      return `${expression.column} like ${quoted(expression.pattern.text)}`;
  }
}

function noNotLike(position: number): Error {
  return whereUnsupported(
    position,
    'it has no form of not like',
    'leave this condition out and filter in the flow',
  );
}
