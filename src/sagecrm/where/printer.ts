/** A clause of finished conditions: no `not` is left, and every `in` is taken apart. */
export type Clause = string | { kind: 'and' | 'or'; parts: readonly Clause[] };

/** Clauses put together; a single one needs nothing around it. */
export function join(kind: 'and' | 'or', parts: readonly Clause[]): Clause {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : { kind, parts };
}

/** The clause as text, with parentheses only around an `or` inside an `and`. */
export function printClause(clause: Clause): string {
  if (typeof clause === 'string') return clause;
  return clause.parts
    .map((part) => {
      const text = printClause(part);
      const binding = clause.kind === 'and' && typeof part !== 'string' && part.kind === 'or';
      return binding ? `(${text})` : text;
    })
    .join(` ${clause.kind} `);
}
