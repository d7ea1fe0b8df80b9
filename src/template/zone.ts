import {
  FixedOffsetZone,
  IANAZone,
  Zone,
  type ZoneOffsetFormat,
  type ZoneOffsetOptions,
} from 'luxon';
import { SageCrmError } from '../errors/sagecrm-error';
import { nearest } from './nearest';

/** A zone of one offset that keeps its own name, so that `z` prints GMT and not UTC. */
class NamedFixedZone extends Zone<true> {
  private readonly base: FixedOffsetZone;

  constructor(
    private readonly label: string,
    private readonly longName: string,
    minutes: number,
  ) {
    super();
    this.base = FixedOffsetZone.instance(minutes);
  }

  override get type(): string {
    return 'fixed';
  }
  override get name(): string {
    return this.label;
  }
  override get isUniversal(): true {
    return true;
  }
  override get isValid(): true {
    return true;
  }
  override offsetName(_epochMs: number, { format }: ZoneOffsetOptions): string {
    return format === 'long' ? this.longName : this.label;
  }
  override formatOffset(ts: number, format: ZoneOffsetFormat): string {
    return this.base.formatOffset(ts, format);
  }
  override offset(): number {
    return this.base.offset(0);
  }
  override equals(other: Zone): boolean {
    return other.isUniversal && other.name === this.label;
  }
}

const UTC_NAMES = new Set(['', 'Z', 'UTC', 'UT', 'UCT', 'ZULU', 'UNIVERSAL', 'ETC/UTC']);
const GMT_NAMES = new Set(['GMT', 'GMT0', 'ETC/GMT', 'GREENWICH']);

/** The three-letter ids of `java.time.ZoneId.SHORT_IDS` that follow a region. */
const JAVA_REGIONS: ReadonlyMap<string, string> = new Map([
  ['ACT', 'Australia/Darwin'],
  ['AET', 'Australia/Sydney'],
  ['AGT', 'America/Argentina/Buenos_Aires'],
  ['ART', 'Africa/Cairo'],
  ['AST', 'America/Anchorage'],
  ['BET', 'America/Sao_Paulo'],
  ['BST', 'Asia/Dhaka'],
  ['CAT', 'Africa/Harare'],
  ['CNT', 'America/St_Johns'],
  ['CST', 'America/Chicago'],
  ['CTT', 'Asia/Shanghai'],
  ['EAT', 'Africa/Addis_Ababa'],
  ['ECT', 'Europe/Paris'],
  ['IET', 'America/Indiana/Indianapolis'],
  ['IST', 'Asia/Kolkata'],
  ['JST', 'Asia/Tokyo'],
  ['MIT', 'Pacific/Apia'],
  ['NET', 'Asia/Yerevan'],
  ['NST', 'Pacific/Auckland'],
  ['PLT', 'Asia/Karachi'],
  ['PNT', 'America/Phoenix'],
  ['PRT', 'America/Puerto_Rico'],
  ['PST', 'America/Los_Angeles'],
  ['SST', 'Pacific/Guadalcanal'],
  ['VST', 'Asia/Ho_Chi_Minh'],
]);

const NAMED_FIXED: readonly NamedFixedZone[] = [
  new NamedFixedZone('GMT', 'Greenwich Mean Time', 0),
  new NamedFixedZone('EST', 'Eastern Standard Time', -300),
  new NamedFixedZone('MST', 'Mountain Standard Time', -420),
  new NamedFixedZone('HST', 'Hawaii Standard Time', -600),
];

const OFFSET = /^(?:GMT|UTC|UT)?([+-])(\d{1,2})(?::?(\d{2}))?$/i;

/** Minutes east of UTC of `+2`, `+0200`, `+02:00` and `GMT+2`; undefined when it is no offset. */
export function parseOffset(text: string): number | undefined {
  const match = OFFSET.exec(text);
  if (match === null) return undefined;
  const hours = Number(match[2]);
  const minutes = Number(match[3] ?? 0);
  if (hours > 23 || minutes > 59) return undefined;
  const total = hours * 60 + minutes;
  return match[1] === '-' ? 0 - total : total;
}

function findZone(name: string): Zone | undefined {
  const trimmed = name.trim();
  const upper = trimmed.toUpperCase();
  if (UTC_NAMES.has(upper)) return FixedOffsetZone.utcInstance;
  const offset = parseOffset(trimmed);
  if (offset !== undefined) return FixedOffsetZone.instance(offset);
  const label = GMT_NAMES.has(upper) ? 'GMT' : upper;
  const fixed = NAMED_FIXED.find((zone) => zone.name === label);
  if (fixed !== undefined) return fixed;
  const region = JAVA_REGIONS.get(upper) ?? trimmed;
  return IANAZone.isValidZone(region) ? IANAZone.create(region) : undefined;
}

function suggestZone(name: string): string | undefined {
  const known = Intl.supportedValuesOf('timeZone');
  const wanted = name.trim().toLowerCase().replaceAll(' ', '_');
  const sameCity = known.find((id) => id.toLowerCase().endsWith(`/${wanted}`));
  return sameCity ?? nearest(name.trim(), [...known, 'UTC', ...JAVA_REGIONS.keys()]);
}

/**
 * Resolves a zone the way Java names them: `GMT`, `UTC`, `Z` or nothing (UTC), an IANA name, an
 * offset (`GMT+2`, `GMT+02:00`, `+0200`, `+02:00`) or a three-letter Java id (`PST`, `JST`).
 *
 * @throws SageCrmError ZONE_INVALID naming the value and, where one is near, the name meant.
 */
export function resolveZone(name: string): Zone {
  const zone = findZone(name);
  if (zone !== undefined) return zone;
  const suggestion = suggestZone(name);
  const hint = suggestion === undefined ? '' : `did you mean "${suggestion}"? `;
  throw new SageCrmError(
    'ZONE_INVALID',
    `"${name}" is not a time zone`,
    `${hint}Use an IANA name such as Europe/Berlin, UTC, or an offset such as GMT+02:00.`,
  );
}

/** Whether `resolveZone` would accept the name. */
export function isValidZone(name: string): boolean {
  return findZone(name) !== undefined;
}
