import fc from 'fast-check';
import { DateTime } from 'luxon';
import { isLike, type Row } from './sdata-reader';

/** Undefined is SQL's "unknown", as any comparison with null gives. */
export type Truth = boolean | undefined;

/** A random where clause of the hub API together with what it means. */
export interface HubClause {
  text: string;
  binding: 'or' | 'and' | 'unit';
  holds(row: Row): Truth;
  /** Whether it has no equal without `not` (and without less-than). */
  refused(lessThan: boolean, negated: boolean): boolean;
}

interface Written {
  text: string;
  value: string | number | boolean | Date;
}

type Operator = '=' | '!=' | '>' | '>=' | '<' | '<=';

/** The zone of date texts that name none: it has no daylight saving. */
export const SERVER_ZONE = 'Asia/Tokyo';
const BASE = Date.UTC(2026, 0, 31, 14, 59, 58);

const SPELLINGS: Readonly<Record<Operator, readonly string[]>> = {
  '=': ['=', '==', ' eq ', ' Eq '],
  '!=': ['!=', '<>', ' ne '],
  '>': ['>', ' gt ', ' GT '],
  '>=': ['>=', ' ge '],
  '<': ['<', ' < ', ' lt '],
  '<=': ['<=', ' le '],
};
const OPERATORS = Object.keys(SPELLINGS) as Operator[];
const TEXTS = ['', 'a', 'b', "it's", "'", '43', 'and', '(x)', '@', 'a%'];

const seconds = fc.integer({ min: 0, max: 5 }).map((second) => new Date(BASE + second * 1000));

export const rows: fc.Arbitrary<Row> = fc.record({
  Comp_Count: fc.option(fc.constantFrom(-2, -1.5, 0, 1, 2)),
  Comp_Name: fc.option(fc.constantFrom(...TEXTS)),
  Comp_UpdatedDate: fc.option(seconds),
  comp_closed: fc.option(fc.boolean()),
});

const numbers = fc
  .constantFrom('-2', '-1.5', '0', '1', '2.00')
  .map((text): Written => ({ text, value: Number(text) }));

const texts = fc
  .constantFrom(...TEXTS)
  .map((value): Written => ({ text: `'${value.replaceAll("'", "''")}'`, value }));

const booleans = fc.boolean().map((value): Written => ({ text: String(value), value }));

const dates = fc
  .tuple(
    seconds,
    fc.constantFrom('Z', '+05:30', '-0330', ''),
    fc.constantFrom('T', ' '),
    fc.constantFrom('@', "'"),
  )
  .map(([value, suffix, blank, quote]): Written => {
    const zone =
      suffix === '' ? SERVER_ZONE : suffix === 'Z' ? 'utc' : `utc${suffix.slice(0, 3)}:30`;
    const wall = DateTime.fromJSDate(value, { zone }).toFormat(`yyyy-MM-dd'${blank}'HH:mm:ss`);
    return { text: `${quote}${wall}${suffix}${quote}`, value };
  });

const columns: readonly (readonly [string, fc.Arbitrary<Written>])[] = [
  ['Comp_Count', numbers],
  ['Comp_Name', texts],
  ['Comp_UpdatedDate', dates],
];

const comparisons = fc.oneof(
  ...columns.map(([column, values]) =>
    fc.tuple(fc.constant(column), fc.constantFrom(...OPERATORS), values),
  ),
  fc.tuple(fc.constant('comp_closed'), fc.constantFrom<Operator>('=', '!='), booleans),
);

const comparison = fc
  .tuple(comparisons, fc.nat())
  .map(([[column, operator, value], spelling]): HubClause => {
    const spellings = SPELLINGS[operator];
    return {
      text: `${column}${spellings[spelling % spellings.length] ?? operator}${value.text}`,
      binding: 'unit',
      holds: (row) => compare(row[column] ?? null, operator, value.value),
      refused: (lessThan, negated) =>
        !lessThan &&
        typeof value.value === 'string' &&
        (negated ? ['>', '>='] : ['<', '<=']).includes(operator),
    };
  });

const range = fc
  .oneof(...columns.map(([column, values]) => fc.tuple(fc.constant(column), values, values)))
  .chain(([column, low, high]) =>
    fc.boolean().map((inverse): HubClause => {
      const holds = (row: Row): Truth =>
        and(
          compare(row[column] ?? null, '>=', low.value),
          compare(row[column] ?? null, '<=', high.value),
        );
      return {
        text: `${column} ${inverse ? 'not ' : ''}BETWEEN ${low.text} and ${high.text}`,
        binding: 'unit',
        holds: inverse ? (row) => not(holds(row)) : holds,
        refused: (lessThan, negated) =>
          !lessThan && typeof low.value === 'string' && negated !== inverse,
      };
    }),
  );

const list = fc
  .oneof(
    ...columns.map(([column, values]) =>
      fc.tuple(fc.constant(column), fc.array(values, { minLength: 1, maxLength: 3 }), fc.boolean()),
    ),
  )
  .map(([column, values, inverse]): HubClause => {
    const holds = (row: Row): Truth =>
      values.map(({ value }) => compare(row[column] ?? null, '=', value)).reduce(or);
    return {
      text: `${column} ${inverse ? 'NOT ' : ''}in (${values.map(({ text }) => text).join(' , ')})`,
      binding: 'unit',
      holds: inverse ? (row) => not(holds(row)) : holds,
      refused: () => false,
    };
  });

const pattern = fc.tuple(texts, fc.boolean()).map(([value, inverse]): HubClause => {
  const holds = ({ Comp_Name: stored }: Row): Truth =>
    typeof stored === 'string' ? isLike(stored, String(value.value)) : undefined;
  return {
    text: `Comp_Name ${inverse ? 'not ' : ''}Like ${value.text}`,
    binding: 'unit',
    holds: inverse ? (row) => not(holds(row)) : holds,
    refused: (_lessThan, negated) => negated !== inverse,
  };
});

const nullTest = fc
  .tuple(
    fc.constantFrom('Comp_Count', 'Comp_Name', 'Comp_UpdatedDate', 'comp_closed'),
    fc.constantFrom(' is null', ' IS NOT null', ' = NULL', '<>null'),
  )
  .map(([column, test]): HubClause => {
    const positive = test === ' is null' || test === ' = NULL';
    return {
      text: column + test,
      binding: 'unit',
      holds: (row) => ((row[column] ?? null) === null) === positive,
      refused: () => false,
    };
  });

/** Random clauses of every operator, with parentheses where they are needed and some besides. */
export const hubClauses: fc.Arbitrary<HubClause> = fc.letrec<{ clause: HubClause }>((tie) => {
  const inner = tie('clause');
  const chain = (kind: 'and' | 'or'): fc.Arbitrary<HubClause> =>
    fc
      .tuple(fc.array(inner, { minLength: 2, maxLength: 3 }), fc.boolean())
      .map(([parts, generous]) => chained(kind, parts, generous));
  return {
    clause: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(comparison, range, list, pattern, nullTest),
      chain('and'),
      chain('or'),
      inner.map(negated),
    ),
  };
}).clause;

function chained(kind: 'and' | 'or', parts: readonly HubClause[], generous: boolean): HubClause {
  const texts = parts.map((part) => {
    const needed = kind === 'and' ? part.binding === 'or' : false;
    return needed || generous ? `( ${part.text})` : part.text;
  });
  return {
    text: texts.join(generous ? ` ${kind.toUpperCase()} ` : ` ${kind} `),
    binding: kind,
    holds: (row) => parts.map((part) => part.holds(row)).reduce(kind === 'and' ? and : or),
    refused: (lessThan, negative) => parts.some((part) => part.refused(lessThan, negative)),
  };
}

function negated(clause: HubClause): HubClause {
  return {
    text: clause.binding === 'unit' ? `not ${clause.text}` : `NOT(${clause.text})`,
    binding: 'unit',
    holds: (row) => not(clause.holds(row)),
    refused: (lessThan, negative) => clause.refused(lessThan, !negative),
  };
}

function compare(stored: Row[string], operator: Operator, value: Written['value']): Truth {
  if (stored === null) return undefined;
  const a = stored instanceof Date ? stored.getTime() : stored;
  const b = value instanceof Date ? value.getTime() : value;
  switch (operator) {
    case '=':
      return a === b;
    case '!=':
      return a !== b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
  }
}

function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

function and(a: Truth, b: Truth): Truth {
  if (a === false || b === false) return false;
  return a === undefined || b === undefined ? undefined : true;
}

function or(a: Truth, b: Truth): Truth {
  return not(and(not(a), not(b)));
}
