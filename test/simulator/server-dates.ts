import { DateTime, FixedOffsetZone, IANAZone } from 'luxon';

/** How the server writes dates: in UTC, in its own zone with the offset, or without saying. */
export type DateStyle = 'Z' | 'offset' | 'none';

/** The form in which the simulated database keeps dates it understands: UTC, whole seconds. */
const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Dates a SQL server takes; luxon alone would also accept week dates and the like. */
const ACCEPTED =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i;

const QUARTER_HOUR_MS = 15 * 60 * 1000;

/** An instant as canonical text, cut to the whole second as Sage CRM does. */
export function canonicalDate(ms: number): string {
  // Called for every row of a bulk of a million: Date is ten times faster than luxon here.
  return `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

export function isCanonicalDate(text: string): boolean {
  return CANONICAL.test(text);
}

/**
 * The server's reading and writing of dates.
 *
 * With style `none` the server is one that stores local wall-clock time: it compares wall-clock
 * times, so that the repeated hour in autumn is truly ambiguous. With the other styles it compares
 * instants.
 */
export class ServerDates {
  private readonly offsets = new Map<number, number>();
  private readonly zone: IANAZone;

  constructor(
    readonly zoneName: string,
    readonly style: DateStyle,
  ) {
    this.zone = IANAZone.create(zoneName);
    if (!this.zone.isValid) throw new Error(`"${zoneName}" is not an IANA time zone.`);
  }

  /** A stored value as it appears in a row; text that is not a canonical date stays as it is. */
  show(stored: string): string {
    if (this.style === 'Z' || !isCanonicalDate(stored)) return stored;
    const instant = Date.parse(stored);
    const offset = this.offsetMinutes(instant);
    const wall = canonicalDate(instant + offset * 60_000).slice(0, 19);
    return this.style === 'none'
      ? wall
      : wall + FixedOffsetZone.instance(offset).formatOffset(instant, 'short');
  }

  /**
   * A stored value or a literal as a number that orders as the server orders dates; undefined when
   * the text is no date. Text without a zone is in the server's zone.
   */
  comparable(text: string): number | undefined {
    if (isCanonicalDate(text)) {
      const instant = Date.parse(text);
      return isRealDay(text, instant) ? this.ofInstant(instant) : undefined;
    }
    const match = ACCEPTED.exec(text);
    if (match === null) return undefined;
    const [, day = '', time = '00:00', offset = ''] = match;
    const iso = `${day}T${time}${offset}`;
    if (offset === '' && this.style === 'none')
      return millis(DateTime.fromISO(iso, { zone: 'utc' }));
    const instant = millis(DateTime.fromISO(iso, { zone: this.zone }));
    return instant === undefined ? undefined : this.ofInstant(instant);
  }

  private ofInstant(instant: number): number {
    return this.style === 'none' ? instant + this.offsetMinutes(instant) * 60_000 : instant;
  }

  /** Zones change their offset on quarter hours only, so one look-up serves a quarter of an hour. */
  private offsetMinutes(instant: number): number {
    const quarter = Math.floor(instant / QUARTER_HOUR_MS);
    let offset = this.offsets.get(quarter);
    if (offset === undefined) {
      offset = this.zone.offset(quarter * QUARTER_HOUR_MS);
      this.offsets.set(quarter, offset);
    }
    return offset;
  }
}

/** Date takes 30 February for 2 March; only the end of a month needs the check. */
function isRealDay(canonical: string, instant: number): boolean {
  if (Number.isNaN(instant)) return false;
  return canonical.slice(8, 10) <= '28' || canonicalDate(instant) === canonical;
}

function millis(date: DateTime): number | undefined {
  return date.isValid ? date.toMillis() : undefined;
}
