import type { Clock } from '../../effects/clock';
import type { Random } from '../../effects/random';
import { Breaker, worstState, type BreakerState } from '../breaker';

/** From this many targets on, those that nothing is held against are forgotten. */
const MANY_TARGETS = 1_000;

/** The breakers of one instance; what it holds against a target, others find out by themselves. */
export class Breakers {
  private readonly byTarget = new Map<string, Breaker>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  of(target: string): Breaker {
    const known = this.byTarget.get(target);
    if (known !== undefined) return known;
    if (this.byTarget.size >= MANY_TARGETS) this.forget();
    const breaker = new Breaker(this.clock, this.random);
    this.byTarget.set(target, breaker);
    return breaker;
  }

  /** Of the target that is worst off. */
  get state(): BreakerState {
    return worstState(this.byTarget.values());
  }

  private forget(): void {
    for (const [target, { isClear }] of this.byTarget) {
      if (isClear) this.byTarget.delete(target);
    }
  }
}
