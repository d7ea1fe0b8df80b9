import { systemClock, type Clock } from '../../../src/effects/clock';

/** So many milliseconds pass in one. */
const SPEED = 200;
/** More fast milliseconds than any life has, for limits that a slow machine must not meet. */
export const NEVER_MS = 30 * 24 * 3_600_000;

/**
 * Time in a hurry, so that intervals, back-off and pauses take parts of a second. Nothing that is
 * tested may depend on how much of it passes: time limits are `NEVER_MS`.
 */
export class FastClock implements Clock {
  private readonly clock = systemClock();
  private readonly start = this.clock.monotonic();

  /** @param began the time at which it begins, ms since the Unix epoch */
  constructor(private readonly began: number) {}

  now(): number {
    return Math.round(this.began + (this.clock.monotonic() - this.start) * SPEED);
  }

  monotonic(): number {
    return this.clock.monotonic() * SPEED;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.clock.sleep(ms / SPEED, signal);
  }

  after(ms: number, onTime: () => void): () => void {
    return this.clock.after(ms / SPEED, onTime);
  }
}
