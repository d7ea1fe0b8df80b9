import type { Clock } from './clock';

/**
 * Passes on at most one value per interval. Values that come too fast replace each other, and the
 * last one is always passed on when the interval is over.
 */
export class Throttle<Value> {
  private pending: { value: Value } | undefined;
  private pause: AbortController | undefined;
  private closed = false;

  constructor(
    private readonly emit: (value: Value) => void,
    private readonly intervalMs: number,
    private readonly clock: Clock,
  ) {}

  push(value: Value): void {
    if (this.closed) return;
    if (this.pause !== undefined) {
      this.pending = { value };
      return;
    }
    this.emit(value);
    this.startPause();
  }

  /** Drops what is pending, ends the timer and passes nothing on any more. */
  close(): void {
    this.closed = true;
    this.pending = undefined;
    this.pause?.abort();
  }

  private startPause(): void {
    const pause = new AbortController();
    this.pause = pause;
    const over = (): void => {
      this.pause = undefined;
      const { pending } = this;
      this.pending = undefined;
      if (pending !== undefined) this.push(pending.value);
    };
    this.clock.sleep(this.intervalMs, pause.signal).then(over, over);
  }
}
