import { SageCrmError } from '../errors/sagecrm-error';

const LETTERS = 'GyYMLwWDdFEuaHkKhmsSzZX';

/** One of the letters `java.text.SimpleDateFormat` gives a meaning. */
export type PatternLetter =
  | 'G'
  | 'y'
  | 'Y'
  | 'M'
  | 'L'
  | 'w'
  | 'W'
  | 'D'
  | 'd'
  | 'F'
  | 'E'
  | 'u'
  | 'a'
  | 'H'
  | 'k'
  | 'K'
  | 'h'
  | 'm'
  | 's'
  | 'S'
  | 'z'
  | 'Z'
  | 'X';

export interface FieldToken {
  readonly kind: 'field';
  readonly letter: PatternLetter;
  /** How many times the letter is repeated. */
  readonly count: number;
}

export interface LiteralToken {
  readonly kind: 'literal';
  readonly text: string;
}

export type PatternToken = FieldToken | LiteralToken;

function isPatternLetter(char: string): char is PatternLetter {
  return LETTERS.includes(char);
}

function invalid(pattern: string, position: number, problem: string, nextStep: string): never {
  throw new SageCrmError(
    'DATE_PATTERN_INVALID',
    `${problem} at position ${position} of the date pattern "${pattern}"`,
    nextStep,
    { details: { position } },
  );
}

/** Reads quoted text from its opening quote; `end` is the offset after the closing one. */
function readQuoted(pattern: string, start: number): { text: string; end: number } {
  if (pattern[start + 1] === "'") return { text: "'", end: start + 2 };
  let text = '';
  for (let at = start + 1; at < pattern.length; at += 1) {
    if (pattern[at] !== "'") {
      text += pattern[at] ?? '';
    } else if (pattern[at + 1] === "'") {
      text += "'";
      at += 1;
    } else {
      return { text, end: at + 1 };
    }
  }
  return invalid(
    pattern,
    start,
    "A quote (') is opened but not closed",
    "Close the quoted text, or write '' for a single quote.",
  );
}

function readField(pattern: string, start: number): FieldToken {
  const letter = pattern[start] ?? '';
  if (!isPatternLetter(letter)) {
    return invalid(
      pattern,
      start,
      `The letter "${letter}" has no meaning`,
      `Put literal text between quotes ('${letter}'), or use one of ${LETTERS}.`,
    );
  }
  let end = start + 1;
  while (pattern[end] === letter) end += 1;
  const count = end - start;
  if (letter === 'X' && count > 3) {
    invalid(pattern, start, 'X stands more than three times', 'Use X, XX or XXX.');
  }
  return { kind: 'field', letter, count };
}

/**
 * Splits a Java date pattern into fields and literal text, neighbouring literals joined.
 *
 * @throws SageCrmError DATE_PATTERN_INVALID with `details.position`.
 */
export function tokenizePattern(pattern: string): PatternToken[] {
  const tokens: PatternToken[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') tokens.push({ kind: 'literal', text: literal });
    literal = '';
  };
  let at = 0;
  while (at < pattern.length) {
    const char = pattern[at] ?? '';
    if (char === "'") {
      const quoted = readQuoted(pattern, at);
      literal += quoted.text;
      at = quoted.end;
    } else if (/[A-Za-z]/.test(char)) {
      const field = readField(pattern, at);
      flush();
      tokens.push(field);
      at += field.count;
    } else {
      literal += char;
      at += 1;
    }
  }
  flush();
  if (!tokens.some((token) => token.kind === 'field')) {
    invalid(pattern, 0, 'There is no date field', 'Write a pattern such as yyyy-MM-dd HH:mm:ss.');
  }
  return tokens;
}

/** Whether the field is written in digits (and so runs into a neighbouring numeric field). */
export function isNumeric(token: FieldToken): boolean {
  if (token.letter === 'M' || token.letter === 'L') return token.count <= 2;
  return !'GEazZX'.includes(token.letter);
}
