import { DateTime } from 'luxon';

/** The time the simulated server believes in: it either stands still or runs beside real time. */
export class SimulatedClock {
  private constructor(
    private base: number,
    private readonly beside: () => number,
  ) {}

  /** A clock that starts at the machine's time and goes on running. */
  static running(machine: () => number = () => Date.now()): SimulatedClock {
    return new SimulatedClock(0, machine);
  }

  /** A clock that stands at `iso` until it is moved. */
  static at(iso: string): SimulatedClock {
    return new SimulatedClock(parseInstant(iso), () => 0);
  }

  /** Milliseconds since the Unix epoch. */
  now(): number {
    return this.base + this.beside();
  }

  /** Jumps to `iso`, forwards or backwards; a running clock runs on from there. */
  set(iso: string): void {
    this.advance(parseInstant(iso) - this.now());
  }

  /** Moves by `ms`; a negative figure steps back. */
  advance(ms: number): void {
    this.base += ms;
  }
}

function parseInstant(iso: string): number {
  const instant = DateTime.fromISO(iso, { zone: 'utc' });
  if (!instant.isValid) throw new Error(`"${iso}" is not an ISO 8601 date.`);
  return instant.toMillis();
}
