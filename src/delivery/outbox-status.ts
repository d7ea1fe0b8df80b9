import type { BreakerState } from './breaker';

/** How an outbox stands. */
export interface OutboxStatus {
  /** How many events wait, those under way among them. */
  depth: number;
  /** When the oldest of them was taken, ms since the Unix epoch. */
  oldestAt?: number;
  /** How many requests are under way. */
  inFlight: number;
  /** How many dead letters there are. */
  dead: number;
  /** Of the target that is worst off. */
  breaker: BreakerState;
  /** Targets that answered 410 and wait to be enabled; '' is the callback node's own. */
  gone: string[];
}
