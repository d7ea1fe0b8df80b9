import type { Clock } from './clock';

/** Timers by what they are for. */
export class Timers {
  private readonly running = new Map<object, AbortController>();
  private isClosed = false;

  constructor(private readonly clock: Pick<Clock, 'sleep'>) {}

  has(what: object): boolean {
    return this.running.has(what);
  }

  /** Runs `onTime` after `ms`, unless it is called off. */
  set(what: object, ms: number, onTime: () => void): void {
    if (this.isClosed) return;
    const timer = new AbortController();
    this.running.set(what, timer);
    const over = (): boolean =>
      this.running.get(what) === timer && this.running.delete(what) && !this.isClosed;
    this.clock.sleep(ms, timer.signal).then(
      () => {
        if (over()) onTime();
      },
      () => over(),
    );
  }

  callOff(what: object): void {
    this.running.get(what)?.abort();
  }

  /** Calls all of them off, for good. */
  close(): void {
    this.isClosed = true;
    for (const timer of this.running.values()) timer.abort();
    this.running.clear();
  }
}
