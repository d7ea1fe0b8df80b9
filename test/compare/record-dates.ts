import { DateTime } from 'luxon';

/** Reads and writes dates as the server does, in its zone. Instants are epoch milliseconds. */
export class RecordDates {
  private readonly format: string;
  private readonly zone: string;

  /** @param zone of a server that writes local dates; without it dates are in UTC and say so */
  constructor(zone?: string) {
    this.zone = zone ?? 'UTC';
    this.format = zone === undefined ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss";
  }

  /** An instant as it stands in a clause, cut to the second. */
  literal(instant: number): string {
    return DateTime.fromMillis(instant, { zone: this.zone }).toFormat(this.format);
  }

  /**
   * The instant of a date; NaN when it is none, which is neither earlier nor later than anything.
   * In a repeated hour it is the later reading, with which a poller drops less.
   */
  read(date: unknown): number {
    const read = DateTime.fromFormat(String(date), this.format, { zone: this.zone });
    return Math.max(...read.getPossibleOffsets().map((reading) => reading.toMillis()));
  }
}
