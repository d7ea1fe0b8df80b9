/** A where clause the server refuses, with the place of the fault. */
export class WhereError extends Error {
  override readonly name = 'WhereError';

  constructor(
    message: string,
    /** The offset in the clause, counted from 0. */
    readonly position: number,
  ) {
    super(`${message} (at character ${position + 1})`);
  }
}

export type TokenKind = 'word' | 'symbol' | 'text' | 'date' | 'number' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The token's meaning: quotes and @ removed, doubled quotes undone. */
  readonly value: string;
  readonly position: number;
}

interface Pattern {
  kind: TokenKind;
  pattern: RegExp;
  value?: (matched: string) => string;
}

const PATTERNS: readonly Pattern[] = [
  { kind: 'word', pattern: /[A-Za-z_$][\w$.]*/y },
  { kind: 'number', pattern: /-?\d+(?:\.\d+)?(?![\w.])/y },
  {
    kind: 'text',
    pattern: /'(?:[^']|'')*'/y,
    value: (matched) => matched.slice(1, -1).replaceAll("''", "'"),
  },
  { kind: 'date', pattern: /@[^@]*@/y, value: (matched) => matched.slice(1, -1) },
  { kind: 'symbol', pattern: /<=|>=|<>|!=|[=<>(),]/y },
];

/** Cuts a clause into tokens, with an `end` token last. */
export function tokenize(clause: string): Token[] {
  const tokens: Token[] = [];
  let position = skipSpace(clause, 0);
  while (position < clause.length) {
    const { token, end } = tokenAt(clause, position);
    tokens.push(token);
    position = skipSpace(clause, end);
  }
  tokens.push({ kind: 'end', value: '', position });
  return tokens;
}

function tokenAt(clause: string, position: number): { token: Token; end: number } {
  for (const { kind, pattern, value } of PATTERNS) {
    // A sticky pattern of its own for each call: lastIndex would be shared state.
    const sticky = new RegExp(pattern);
    sticky.lastIndex = position;
    const matched = sticky.exec(clause)?.[0];
    if (matched !== undefined) {
      const token = { kind, value: value?.(matched) ?? matched, position };
      return { token, end: position + matched.length };
    }
  }
  const character = clause.charAt(position);
  if (character === "'" || character === '@') {
    throw new WhereError(`The ${character} is never closed`, position);
  }
  throw new WhereError(`"${character}" is not understood here`, position);
}

function skipSpace(clause: string, from: number): number {
  let position = from;
  while (/\s/.test(clause.charAt(position))) position += 1;
  return position;
}
