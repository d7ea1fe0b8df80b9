import type { Clock } from '../effects/clock';

/** Spaces out requests, so that several users of one server stay polite together. */
export class RateLimit {
  private readonly gapMs: number;
  /** On the monotonic clock: when the next request may go. */
  private nextAt = 0;

  /** @param perSecond 0: no limit */
  constructor(
    perSecond: number,
    private readonly clock: Clock,
  ) {
    this.gapMs = perSecond > 0 ? 1000 / perSecond : 0;
  }

  /**
   * Resolves when the caller's turn has come, or rejects when one of the signals is aborted; turns
   * go in the order of the calls.
   */
  async turn(...signals: AbortSignal[]): Promise<void> {
    if (this.gapMs === 0) return;
    const now = this.clock.monotonic();
    const at = Math.max(now, this.nextAt);
    this.nextAt = at + this.gapMs;
    if (at > now) await this.clock.sleep(at - now, AbortSignal.any(signals));
  }
}
