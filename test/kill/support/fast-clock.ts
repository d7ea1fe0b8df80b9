import { systemClock, type Clock } from '../../../src/effects/clock';

/** So many milliseconds pass in one. */
const SPEED = 200;

/** Time in a hurry, so that intervals, back-off and pauses of minutes take parts of a second. */
export class FastClock implements Clock {
  private readonly clock = systemClock();

  /** @param began when it began, ms since the Unix epoch */
  constructor(private readonly began: number) {}

  now(): number {
    return Math.round(this.began + (this.clock.now() - this.began) * SPEED);
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
