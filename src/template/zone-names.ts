import { IANAZone, type Zone } from 'luxon';
import { parseOffset } from './zone';
import { atOffset, createWallClock, singleInstant, type ParsedInstant } from './wall-clock';

/** CLDR knows an abbreviation only in the English of the region that uses it. */
const SHORT_LOCALES = [
  'en-US',
  'en-GB',
  'en-CA',
  'en-AU',
  'en-NZ',
  'en-IN',
  'en-ZA',
  'en-IE',
  'en-SG',
  'ja-JP',
];
const LONG_LOCALES = ['en-US'];

/** Zones whose names may stand in a date whatever the configured zone; the first owner wins. */
const WELL_KNOWN_ZONES = [
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Los_Angeles',
  'America/Anchorage',
  'Pacific/Honolulu',
  'America/Halifax',
  'America/St_Johns',
  'Europe/London',
  'Europe/Lisbon',
  'Europe/Berlin',
  'Europe/Athens',
  'Africa/Johannesburg',
  'Asia/Dubai',
  'Asia/Kolkata',
  'Asia/Singapore',
  'Asia/Tokyo',
  'Australia/Sydney',
  'Australia/Adelaide',
  'Australia/Perth',
  'Pacific/Auckland',
];
/** Fast answers for the usual ones; the other names of UTC are in the tables. */
const UTC_NAMES = new Set(['utc', 'gmt', 'z']);
const MINUTE_MS = 60_000;
const HALF_YEAR_MS = 182 * 86_400_000;
const ANY_WINTER = Date.UTC(2025, 0, 1);

/** `GMT+02:00`, as Java writes a zone that has no name. */
function gmtName(epochMs: number, zone: Zone): string {
  return `GMT${zone.formatOffset(epochMs, 'short')}`;
}

/** The name of a zone at an instant, such as `CET` or `Central European Standard Time`. */
export function zoneName(epochMs: number, zone: Zone, style: 'short' | 'long'): string {
  const named = zone.name === 'UTC' ? IANAZone.create('UTC') : zone;
  for (const locale of style === 'short' ? SHORT_LOCALES : LONG_LOCALES) {
    const name: string | null = named.offsetName(epochMs, { format: style, locale });
    if (name !== null && !/^(GMT|UTC)[+-]/.test(name)) return name;
  }
  return gmtName(epochMs, zone);
}

function namesAt(epochMs: number, zone: Zone): string[] {
  return [zoneName(epochMs, zone, 'short'), zoneName(epochMs, zone, 'long')].map((name) =>
    name.toLowerCase(),
  );
}

function wellKnownOffsets(): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  for (const id of ['UTC', ...WELL_KNOWN_ZONES]) {
    const zone = IANAZone.create(id);
    for (const instant of [ANY_WINTER, ANY_WINTER + HALF_YEAR_MS]) {
      for (const name of namesAt(instant, zone)) {
        if (!offsets.has(name)) offsets.set(name, zone.offset(instant));
      }
    }
  }
  return offsets;
}

/** Reads a wall time together with the zone text beside it. */
export type ZoneTextReader = (text: string, wallMs: number) => ParsedInstant | undefined;

/**
 * Understands offsets, the names of the configured zone, then the well-known names (so `CST` is
 * Shanghai's for a Shanghai server and Chicago's elsewhere).
 */
export function createZoneTextReader(zone: Zone): ZoneTextReader {
  const instantsOf = createWallClock(zone);
  const namesByOffset = new Map<number, string[]>();
  let wellKnown: ReadonlyMap<string, number> | undefined;

  const knownOffset = (name: string, wallMs: number, instants: number[]): number | undefined =>
    instants
      .map((instant) => (wallMs - instant) / MINUTE_MS)
      .find((offset) => namesByOffset.get(offset)?.includes(name));

  const learnOffset = (name: string, instants: number[]): number | undefined =>
    instants
      .map((instant) => {
        const offset = zone.offset(instant);
        if (!namesByOffset.has(offset)) namesByOffset.set(offset, namesAt(instant, zone));
        return offset;
      })
      .find((offset) => namesByOffset.get(offset)?.includes(name));

  const ownOffset = (name: string, wallMs: number): number | undefined => {
    const { earliest, latest } = instantsOf(wallMs);
    return (
      knownOffset(name, wallMs, [earliest, latest]) ??
      learnOffset(name, [earliest, latest, earliest - HALF_YEAR_MS])
    );
  };
  return (text, wallMs) => {
    const name = text.toLowerCase();
    const offset = UTC_NAMES.has(name) ? 0 : (parseOffset(text) ?? ownOffset(name, wallMs));
    if (offset !== undefined) return singleInstant(atOffset(wallMs, offset));
    wellKnown ??= wellKnownOffsets();
    const known = wellKnown.get(name);
    return known === undefined ? undefined : singleInstant(atOffset(wallMs, known));
  };
}
