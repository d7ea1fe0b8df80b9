import type { Zone } from 'luxon';
import { wallOf } from './date-fields';
import { formatTokens } from './date-format';
import { compileParser } from './date-parse';
import { tokenizePattern, type PatternToken } from './pattern-tokens';
import { atOffset, createWallClock, singleInstant } from './wall-clock';
import type { ParsedInstant, WallClock } from './wall-clock';
import { createZoneTextReader, type ZoneTextReader } from './zone-names';

export type { ParsedInstant } from './wall-clock';

/** A compiled `java.text.SimpleDateFormat` pattern in the English locale. */
export interface DatePattern {
  readonly source: string;
  /** True when the formatted text names one instant whatever the zone: z, Z, X or epoch ms. */
  readonly hasZone: boolean;
  /** Writes the instant, cut off downwards to what the pattern shows. */
  format(epochMs: number, zone: Zone): string;
  /**
   * Reads the whole text, strictly as to the calendar (no 30 February) and leniently as to the
   * number of digits. A wall time skipped in spring is read as the instant the gap shifts it to.
   * Undefined when the text does not fit the pattern.
   */
  parse(text: string, zone: Zone): ParsedInstant | undefined;
}

/** The pattern name that stands for epoch ms. */
const MILLISECONDS = 'milliseconds';
const HIGHEST_EPOCH_MS = 8.64e15;

const millisecondsPattern: DatePattern = {
  source: MILLISECONDS,
  hasZone: true,
  format: (epochMs) => String(Math.floor(epochMs)),
  parse: (text) => {
    if (!/^\s*-?\d{1,16}\s*$/.test(text)) return undefined;
    const epochMs = Number(text);
    return Math.abs(epochMs) <= HIGHEST_EPOCH_MS ? singleInstant(epochMs) : undefined;
  },
};

interface ZoneReaders {
  readonly instantsOf: WallClock;
  readonly readZoneText: ZoneTextReader;
}

function carriesZone(token: PatternToken): boolean {
  return token.kind === 'field' && 'zZX'.includes(token.letter);
}

/**
 * Compiles a Java date pattern, or the special value `milliseconds`.
 *
 * Letters and counts are those of `java.text.SimpleDateFormat`, whose weeks in English begin on
 * Sunday. Two things differ: S with more than three digits is read as a fraction of a second, and
 * years of two digits are placed by a fixed cut-off instead of by the present year.
 *
 * @throws SageCrmError DATE_PATTERN_INVALID with `details.position`.
 */
export function compileDatePattern(pattern: string): DatePattern {
  if (pattern === MILLISECONDS) return millisecondsPattern;
  const tokens = tokenizePattern(pattern);
  let parse: DatePattern['parse'] | undefined;
  return {
    source: pattern,
    hasZone: tokens.some(carriesZone),
    format: (epochMs, zone) => formatTokens(tokens, epochMs, zone),
    // Most patterns are checked or written with, and never read with.
    parse: (text, zone) => (parse ??= createParse(tokens))(text, zone),
  };
}

function createParse(tokens: readonly PatternToken[]): DatePattern['parse'] {
  const parseFields = compileParser(tokens);
  const readers = new WeakMap<Zone, ZoneReaders>();

  const readersOf = (zone: Zone): ZoneReaders => {
    let found = readers.get(zone);
    if (found === undefined) {
      found = { instantsOf: createWallClock(zone), readZoneText: createZoneTextReader(zone) };
      readers.set(zone, found);
    }
    return found;
  };

  return (text, zone) => {
    const fields = parseFields(text);
    const wall = fields && wallOf(fields);
    if (fields === undefined || wall === undefined) return undefined;
    if (fields.offset !== undefined) return singleInstant(atOffset(wall, fields.offset));
    const { instantsOf, readZoneText } = readersOf(zone);
    return fields.zoneText === undefined ? instantsOf(wall) : readZoneText(fields.zoneText, wall);
  };
}
