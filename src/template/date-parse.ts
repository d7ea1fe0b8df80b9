import { Settings } from 'luxon';
import type { DateFields } from './date-fields';
import {
  ERAS,
  LONG_MONTHS,
  LONG_WEEKDAYS,
  MERIDIEMS,
  SHORT_MONTHS,
  SHORT_WEEKDAYS,
} from './date-names';
import {
  isNumeric,
  type FieldToken,
  type PatternLetter,
  type PatternToken,
} from './pattern-tokens';
import { parseOffset } from './zone';

type FieldReader = (text: string, fields: DateFields) => void;

interface FieldMatcher {
  /** Regular expression source without capturing groups. */
  readonly source: string;
  readonly read: FieldReader;
}

/** Splits a text by one compiled pattern; undefined when it does not fit. */
export type FieldsParser = (text: string) => DateFields | undefined;

type NumericSlot = Exclude<keyof DateFields, 'zoneText'>;

const NUMERIC_SLOTS: Readonly<Record<string, NumericSlot>> = {
  M: 'month',
  L: 'month',
  w: 'week',
  W: 'weekOfMonth',
  D: 'dayOfYear',
  d: 'day',
  F: 'weekdayOccurrence',
  u: 'weekday',
  H: 'hour',
  k: 'clockHour',
  K: 'halfDayHour',
  h: 'halfDayClockHour',
  m: 'minute',
  s: 'second',
};

/** An offset, or a name of letters and spaces as short as the rest of the pattern allows. */
const ZONE_SOURCE = String.raw`(?:GMT|UTC|UT)?[+-]\d{1,2}(?::?\d{2})?|[A-Za-z][^\d+-]*?`;

const ISO_OFFSET_SOURCES = [
  String.raw`Z|[+-]\d{2}`,
  String.raw`Z|[+-]\d{4}`,
  String.raw`Z|[+-]\d{2}:\d{2}`,
] as const;

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/** Letters in either case; the u flag's case folding is not needed for English names. */
function anyCase(word: string): string {
  return word.replace(/[A-Za-z]/g, (char) => `[${char.toLowerCase()}${char.toUpperCase()}]`);
}

function nameMatcher(
  lists: readonly (readonly string[])[],
  slot: NumericSlot,
  base: number,
): FieldMatcher {
  const numbers = new Map<string, number>();
  for (const list of lists) {
    for (const [index, name] of list.entries()) numbers.set(name.toLowerCase(), index + base);
  }
  const longestFirst = [...numbers.keys()].sort((a, b) => b.length - a.length);
  return {
    source: longestFirst.map(anyCase).join('|'),
    read: (text, fields) => {
      fields[slot] = numbers.get(text.toLowerCase());
    },
  };
}

/** Two digits where at most two letters stand mean the century luxon's cut-off year chooses. */
function readYear(text: string, count: number): number {
  const value = Number(text);
  if (count > 2 || text.length !== 2) return value;
  return value > Settings.twoDigitCutoffYear ? 1900 + value : 2000 + value;
}

/** Up to three digits are a number of ms as in Java; more are a fraction, cut off after the ms. */
function readMillisecond(text: string): number {
  return Number(text.length > 3 ? text.slice(0, 3) : text);
}

function numberReader({ letter, count }: FieldToken): FieldReader {
  if (letter === 'y' || letter === 'Y') {
    const slot = letter === 'y' ? 'year' : 'weekYear';
    return (text, fields) => {
      fields[slot] = readYear(text, count);
    };
  }
  const slot = NUMERIC_SLOTS[letter];
  if (slot === undefined) {
    return (text, fields) => {
      fields.millisecond = readMillisecond(text);
    };
  }
  return (text, fields) => {
    fields[slot] = Number(text);
  };
}

/** As in Java, a number takes exactly its width when another number follows without a delimiter. */
function numberMatcher(token: FieldToken, next: PatternToken | undefined): FieldMatcher {
  const abuts = next?.kind === 'field' && isNumeric(next);
  return {
    source: abuts ? String.raw`\d{${token.count}}` : String.raw`\d{1,9}`,
    read: numberReader(token),
  };
}

const ZONE_MATCHER: FieldMatcher = {
  source: ZONE_SOURCE,
  read: (text, fields) => {
    fields.zoneText = text;
  },
};

function isoOffsetMatcher(count: number): FieldMatcher {
  return {
    source: ISO_OFFSET_SOURCES[count - 1] ?? ISO_OFFSET_SOURCES[2],
    read: (text, fields) => {
      // An impossible offset such as +99 stays text, which then names no zone.
      fields.offset = text === 'Z' ? 0 : parseOffset(text);
      if (fields.offset === undefined) fields.zoneText = text;
    },
  };
}

const MONTH_MATCHER = nameMatcher([LONG_MONTHS, SHORT_MONTHS], 'month', 1);

const TEXT_MATCHERS: Readonly<Partial<Record<PatternLetter, FieldMatcher>>> = {
  G: nameMatcher([ERAS], 'era', 0),
  M: MONTH_MATCHER,
  L: MONTH_MATCHER,
  E: nameMatcher([LONG_WEEKDAYS, SHORT_WEEKDAYS], 'weekday', 1),
  a: nameMatcher([MERIDIEMS], 'meridiem', 0),
  z: ZONE_MATCHER,
  Z: ZONE_MATCHER,
};

function matcherOf(token: FieldToken, next: PatternToken | undefined): FieldMatcher {
  const text = isNumeric(token) ? undefined : TEXT_MATCHERS[token.letter];
  if (text !== undefined) return text;
  return token.letter === 'X' ? isoOffsetMatcher(token.count) : numberMatcher(token, next);
}

/** Compiles the pattern into one expression and a list of readers, one for each of its groups. */
export function compileParser(tokens: readonly PatternToken[]): FieldsParser {
  const readers: FieldReader[] = [];
  let source = '';
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'literal') {
      source += escape(token.text);
      continue;
    }
    const matcher = matcherOf(token, tokens[index + 1]);
    readers.push(matcher.read);
    source += String.raw`[ \t]*(${matcher.source})`;
  }
  const expression = new RegExp(`^${source}$`);
  return (text) => {
    const match = expression.exec(text);
    if (match === null) return undefined;
    const fields: DateFields = {};
    for (let index = 0; index < readers.length; index += 1) {
      readers[index]?.(match[index + 1] ?? '', fields);
    }
    return fields;
  };
}
