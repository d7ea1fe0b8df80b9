import type { Zone } from 'luxon';
import { createIsoDateReader } from './iso-date';
import { compileDatePattern, type ParsedInstant } from './java-date-pattern';

/** Reads the dates of one column. */
export interface DateReader {
  /** Undefined when the value is not a date. */
  read(value: unknown): ParsedInstant | undefined;
}

/** The JSON form of Microsoft's older serializers; an offset in it does not change the instant. */
const JSON_DATE = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;

/**
 * Makes a reader that tries the configured pattern in its zone, then ISO 8601 (a date without an
 * offset is in the server's zone), then `/Date(ms)/`. A number that does not fit the pattern is
 * taken as epoch ms.
 *
 * @throws SageCrmError DATE_PATTERN_INVALID for a format that is not a Java date pattern.
 */
export function createDateReader(options: {
  format: string;
  zone: Zone;
  serverZone: Zone;
}): DateReader {
  const pattern = compileDatePattern(options.format);
  const epochMs = compileDatePattern('milliseconds');
  const readIso = createIsoDateReader(options.serverZone);

  const readText = (text: string): ParsedInstant | undefined => {
    const direct = pattern.parse(text, options.zone) ?? readIso(text);
    if (direct !== undefined) return direct;
    const jsonDate = JSON_DATE.exec(text)?.[1];
    return jsonDate === undefined ? undefined : epochMs.parse(jsonDate, options.zone);
  };

  const readNumber = (value: number): ParsedInstant | undefined => {
    if (!Number.isFinite(value)) return undefined;
    const whole = Math.floor(value);
    const text = String(whole);
    return pattern.parse(text, options.zone) ?? epochMs.parse(text, options.zone);
  };

  return {
    read(value) {
      if (typeof value === 'string') return readText(value.trim());
      return typeof value === 'number' ? readNumber(value) : undefined;
    },
  };
}
