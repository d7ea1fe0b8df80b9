import type { Clock } from './clock';

/** The time limits of requests under way, kept with one timer for all of them. */
export class Deadlines {
  /** By what ends a request: the monotonic time at which it does. */
  private readonly limits = new Map<() => void, number>();
  private timer: { at: number; callOff: () => void } | undefined;

  constructor(private readonly clock: Clock) {}

  /** Calls `onTime` once, in `ms`, unless it is removed before. */
  add(onTime: () => void, ms: number): void {
    const at = this.clock.monotonic() + ms;
    this.limits.set(onTime, at);
    if (this.timer === undefined || at < this.timer.at) this.start(at);
  }

  remove(onTime: () => void): void {
    this.limits.delete(onTime);
    if (this.limits.size === 0) this.stop();
  }

  private start(at: number): void {
    this.stop();
    const callOff = this.clock.after(at - this.clock.monotonic(), () => {
      this.expire();
    });
    this.timer = { at, callOff };
  }

  private stop(): void {
    this.timer?.callOff();
    this.timer = undefined;
  }

  private expire(): void {
    this.timer = undefined;
    const now = this.clock.monotonic();
    for (const [onTime, at] of this.limits) {
      if (at > now) continue;
      this.limits.delete(onTime);
      onTime();
    }
    if (this.limits.size > 0) this.start(Math.min(...this.limits.values()));
  }
}
