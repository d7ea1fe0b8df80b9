import type { Zone } from 'luxon';
import { dayMs, timeMs } from './calendar';
import { atOffset, createWallClock, singleInstant, type ParsedInstant } from './wall-clock';
import { parseOffset } from './zone';

/** ISO 8601 calendar dates, basic or extended, with T or a space, to any part of a second. */
const ISO_DATE =
  /^(\d{4})(-?)(\d{2})\2(\d{2})(?:[Tt ](\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?[ ]?([Zz]|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** Reads one text; undefined when it is not an ISO 8601 date. */
export type IsoDateReader = (text: string) => ParsedInstant | undefined;

/** Reads tolerant ISO 8601. `localZone` is the zone of a date that carries none. */
export function createIsoDateReader(localZone: Zone): IsoDateReader {
  const instantsOf = createWallClock(localZone);
  return (text) => {
    const match = ISO_DATE.exec(text);
    if (match === null) return undefined;
    const [, year, , month, day, hour = '0', minute = '0', second = '0', fraction = ''] = match;
    const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
    const midnight = dayMs(Number(year), Number(month), Number(day));
    const time = timeMs(Number(hour), Number(minute), Number(second), milliseconds);
    if (midnight === undefined || time === undefined) return undefined;
    const zoneText = match[9];
    if (zoneText === undefined) return instantsOf(midnight + time);
    const offset = /^z$/i.test(zoneText) ? 0 : parseOffset(zoneText);
    return offset === undefined ? undefined : singleInstant(atOffset(midnight + time, offset));
  };
}
