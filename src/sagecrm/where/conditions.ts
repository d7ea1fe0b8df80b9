import type { Zone } from 'luxon';
import type { Between, Comparison, ComparisonOperator, DateLiteral, Literal } from './ast';
import { formatWallTime, type DateText, type WallTime } from './date-text';
import { whereUnsupported } from './fault';
import { join, type Clause } from './printer';
import { equalTimes, FIRST_TIME, lastSecondBefore, lowerBound, upperBound } from './wall-time';

/** How one Sage CRM server wants its where clauses. */
export interface SDataDialect {
  /** How dates are delimited: `@2026-01-31T10:00:00@` or `'2026-01-31T10:00:00'`. */
  dateLiteral: '@' | "'";
  /** The zone wall times are written in; `keep` leaves a text its own form, `Z` or offset included. */
  literalZone: 'keep' | Zone;
  /** Whether the server takes `lt` and `le`, which Sage does not list. */
  lessThan: boolean;
  /** The zone of a date text that names none. */
  serverZone: Zone;
}

const SMALLEST_NUMBER = Number.MIN_SAFE_INTEGER;

/**
 * A comparison in the server's form.
 *
 * @throws SageCrmError WHERE_INVALID for a less-than the server does not have and that nothing replaces
 */
export function comparisonClause(comparison: Comparison, dialect: SDataDialect): Clause {
  const { column, operator, value, position } = comparison;
  if (value.kind === 'date') return dateClause(column, operator, value.date, dialect);
  const text = printLiteral(value);
  if (dialect.lessThan || (operator !== 'lt' && operator !== 'le')) {
    return `${column} ${operator} ${text}`;
  }
  if (value.kind !== 'number') throw noLessThan(position);
  if (Number(value.text) < SMALLEST_NUMBER) {
    throw whereUnsupported(
      position,
      'it has no less-than for a number this small',
      `compare with ${SMALLEST_NUMBER} or more`,
    );
  }
  const range = `${column} between ${SMALLEST_NUMBER} and ${text}`;
  return operator === 'le' ? range : join('and', [range, `${column} ne ${text}`]);
}

/** A range in the server's form; both bounds belong to it. */
export function betweenClause({ column, low, high }: Between, dialect: SDataDialect): Clause {
  const from =
    low.kind === 'date'
      ? printDate(lowerBound(low.date, true, dialect).time, dialect)
      : printLiteral(low);
  const to =
    high.kind === 'date'
      ? printDate(upperBound(high.date, true, dialect).time, dialect)
      : printLiteral(high);
  return `${column} between ${from} and ${to}`;
}

/** A text in single quotes, quotes inside it doubled. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function dateClause(
  column: string,
  operator: ComparisonOperator,
  date: DateText,
  dialect: SDataDialect,
): Clause {
  switch (operator) {
    case 'gt':
    case 'ge': {
      const bound = lowerBound(date, operator === 'ge', dialect);
      return `${column} ${bound.inclusive ? 'ge' : 'gt'} ${printDate(bound.time, dialect)}`;
    }
    case 'lt':
    case 'le': {
      const bound = upperBound(date, operator === 'le', dialect);
      if (dialect.lessThan) return `${column} ${operator} ${printDate(bound.time, dialect)}`;
      const last = bound.inclusive ? bound.time : lastSecondBefore(bound.time);
      return `${column} between ${printDate(FIRST_TIME, dialect)} and ${printDate(last, dialect)}`;
    }
    case 'eq':
    case 'ne':
      return dateEquality(column, operator, date, dialect);
  }
}

function dateEquality(
  column: string,
  operator: 'eq' | 'ne',
  date: DateText,
  dialect: SDataDialect,
): Clause {
  const { times, shared } = equalTimes(date, dialect);
  // Leaving out a wall time that two moments share would leave out the other one as well.
  if (operator === 'ne' && shared) return `${column} ne null`;
  const kind = operator === 'eq' ? 'or' : 'and';
  return join(
    kind,
    times.map((time) => `${column} ${operator} ${printDate(time, dialect)}`),
  );
}

function printDate(time: WallTime, { dateLiteral }: SDataDialect): string {
  return `${dateLiteral}${formatWallTime(time)}${dateLiteral}`;
}

function printLiteral(value: Exclude<Literal, DateLiteral>): string {
  switch (value.kind) {
    case 'string':
      return quoted(value.text);
    case 'number':
      return value.text;
    case 'boolean':
      return String(value.value);
    case 'null':
      return 'null';
  }
}

function noLessThan(position: number): Error {
  return whereUnsupported(
    position,
    'it has no less-than for texts',
    'compare with =, >, >=, like or between instead, or filter in the flow',
  );
}
