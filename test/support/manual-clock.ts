import { abortReason, type Clock } from '../../src/effects/clock';

interface Sleeper {
  wakeAt: number;
  wake: () => void;
}

/** A clock that stands still until a test moves it; sleepers wake in the order of their time. */
export class ManualClock implements Clock {
  private wall: number;
  private elapsed = 0;
  private sleepers: Sleeper[] = [];
  private watchers: (() => void)[] = [];

  constructor(start: string | number = '2026-01-31T10:00:00Z') {
    this.wall = typeof start === 'number' ? start : Date.parse(start);
  }

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.elapsed;
  }

  /** The sleeps under way, as milliseconds still to go, soonest first. */
  pending(): number[] {
    return this.sleepers.map((sleeper) => sleeper.wakeAt - this.elapsed).sort((a, b) => a - b);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortReason(signal));
        return;
      }
      const onAbort = (): void => {
        callOff();
        reject(abortReason(signal));
      };
      const callOff = this.after(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  after(ms: number, onTime: () => void): () => void {
    const sleeper: Sleeper = { wakeAt: this.elapsed + ms, wake: onTime };
    this.sleepers.push(sleeper);
    for (const notify of this.watchers.splice(0)) notify();
    return () => {
      this.sleepers = this.sleepers.filter((other) => other !== sleeper);
    };
  }

  /** Resolves once something sleeps on this clock. */
  async untilSleeping(): Promise<void> {
    while (this.sleepers.length === 0) {
      await new Promise<void>((resolve) => this.watchers.push(resolve));
    }
  }

  /** Moves wall and monotonic time forward and wakes whoever is due. */
  async advance(ms: number): Promise<void> {
    this.wall += ms;
    this.elapsed += ms;
    const due = this.sleepers
      .filter((sleeper) => sleeper.wakeAt <= this.elapsed)
      .sort((a, b) => a.wakeAt - b.wakeAt);
    this.sleepers = this.sleepers.filter((sleeper) => sleeper.wakeAt > this.elapsed);
    for (const sleeper of due) sleeper.wake();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Sets the wall clock as an administrator would: monotonic time does not move. */
  step(ms: number): void {
    this.wall += ms;
  }
}
