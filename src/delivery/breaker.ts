import type { Clock } from '../effects/clock';
import type { Random } from '../effects/random';
import { jittered } from './back-off';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** So many failures one after the other open it. */
export const FAILURES_TO_OPEN = 5;
export const FIRST_PAUSE_MS = 30_000;
export const LONGEST_PAUSE_MS = 300_000;

/** Leave to make one request. */
export interface Permit {
  readonly isProbe: boolean;
}

/**
 * Keeps requests away from a target that fails: closed, all go; open, none go for a pause that
 * doubles each time; half-open, a single one goes and its outcome decides.
 *
 * A request that was under way when it opened can close it by its success, never lengthen the pause.
 */
export class Breaker {
  private failures = 0;
  /** How often in a row it has opened; 0 is closed. */
  private openings = 0;
  /** Monotonic time of the end of the pause. */
  private until = 0;
  private probe: Permit | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  get state(): BreakerState {
    if (this.openings === 0) return 'closed';
    return this.pauseMs > 0 ? 'open' : 'half-open';
  }

  /** True when nothing is held against the target. */
  get isClear(): boolean {
    return this.openings === 0 && this.failures === 0;
  }

  /** How much of the pause is left. */
  get pauseMs(): number {
    return this.openings === 0 ? 0 : Math.max(0, this.until - this.clock.monotonic());
  }

  /** Whether a request may go now. */
  get admits(): boolean {
    return this.openings === 0 || (this.probe === undefined && this.pauseMs === 0);
  }

  /** Called for a request that `admits` allows, just before it goes. */
  begin(): Permit {
    const permit = { isProbe: this.openings > 0 };
    if (permit.isProbe) this.probe = permit;
    return permit;
  }

  /** The target answered, be it that it refused. */
  succeeded(): void {
    this.failures = 0;
    this.openings = 0;
    this.probe = undefined;
  }

  failed(permit: Permit): void {
    if (permit.isProbe && permit === this.probe) {
      this.open();
    } else if (this.openings === 0) {
      this.failures += 1;
      if (this.failures >= FAILURES_TO_OPEN) this.open();
    }
  }

  /** The request never reached the target, or nobody waits for its outcome. */
  withdrawn(permit: Permit): void {
    if (permit === this.probe) this.probe = undefined;
  }

  private open(): void {
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.openings, LONGEST_PAUSE_MS);
    this.until = this.clock.monotonic() + jittered(pause, this.random);
    this.openings += 1;
    this.probe = undefined;
  }
}

/** The state of the one that is worst off. */
export function worstState(breakers: Iterable<Breaker>): BreakerState {
  const states = new Set(Array.from(breakers, ({ state }) => state));
  if (states.has('open')) return 'open';
  return states.has('half-open') ? 'half-open' : 'closed';
}
