const TICK_MS = 20;

/**
 * Time as this process gets it: where the machine is too busy for a timer, time stands still. A bound
 * for other processes on the same machine is then as long as they need.
 */
export class Ticks {
  private count = 0;
  private readonly timer = setInterval(() => (this.count += 1), TICK_MS);

  /** Milliseconds so far. */
  get ms(): number {
    return this.count * TICK_MS;
  }

  end(): void {
    clearInterval(this.timer);
  }
}
