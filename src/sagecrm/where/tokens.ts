import { whereFault } from './fault';

export type TokenKind = 'word' | 'string' | 'date' | 'number' | 'symbol' | 'end';

export interface Token {
  kind: TokenKind;
  /** As written, for faults. */
  source: string;
  /** What it means: a string or date without its delimiters, everything else as written. */
  value: string;
  /** Offset in the clause, from 0. */
  position: number;
}

type Pattern = readonly [kind: TokenKind, pattern: RegExp, unwrap: (source: string) => string];

const asWritten = (source: string): string => source;

const PATTERNS: readonly Pattern[] = [
  ['string', /'[^']*(?:''[^']*)*'(?!')/y, (source) => source.slice(1, -1).replaceAll("''", "'")],
  ['date', /@[^@]*@/y, (source) => source.slice(1, -1)],
  ['number', /-?\d+(?:\.\d+)?(?![\w.$:-])/y, asWritten],
  ['word', /[A-Za-z_$][\w.$]*/y, asWritten],
  ['symbol', /<=|>=|<>|!=|==|[<>=(),]/y, asWritten],
];

/** What to say about text that begins no token, by its first character. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^'/, 'close the text with a single quote; a quote inside it is written twice'],
  [/^@/, 'close the date with @, as in @2026-01-31T10:00:00@'],
  [/^["“”‘’`´]/, "write texts in straight single quotes, as in 'abc'"],
  [/^-?[\d.]/, "put a value that is no plain number in single quotes, as in '2026-01-31'"],
  [/^[%+]/, 'write the clause in plain characters, not percent-encoded'],
  [/^[&|!~]/, 'write and, or, not in words'],
];

/**
 * Cuts a where clause into tokens; the last one is always of kind `end`.
 *
 * @throws SageCrmError WHERE_INVALID for a character that begins no token, an open quote or date
 */
export function tokenize(where: string): Token[] {
  const tokens: Token[] = [];
  let position = skipBlanks(where, 0);
  while (position < where.length) {
    const token = tokenAt(where, position);
    if (token === undefined) throw unknownText(where.slice(position), position);
    tokens.push(token);
    position = skipBlanks(where, position + token.source.length);
  }
  tokens.push({ kind: 'end', source: '', value: '', position: where.length });
  return tokens;
}

function skipBlanks(where: string, from: number): number {
  const blanks = /\s*/y;
  blanks.lastIndex = from;
  blanks.test(where);
  return blanks.lastIndex;
}

function tokenAt(where: string, position: number): Token | undefined {
  for (const [kind, pattern, unwrap] of PATTERNS) {
    pattern.lastIndex = position;
    const source = pattern.exec(where)?.[0];
    if (source !== undefined) return { kind, source, value: unwrap(source), position };
  }
  return undefined;
}

function unknownText(rest: string, position: number): Error {
  const hint = HINTS.find(([start]) => start.test(rest))?.[1];
  const found = /^\S+/.exec(rest)?.[0] ?? '';
  return whereFault(position, found, hint ?? 'remove this character, or put the value in quotes');
}
