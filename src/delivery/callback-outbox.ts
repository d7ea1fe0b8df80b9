import type { SageCrmError } from '../errors/sagecrm-error';
import type { EventMessage } from '../event/event';
import type { DeadLetter, LetterPage } from '../store/outbox-store';
import type { OutboxStatus } from './outbox-status';
import type { Outcome, Retry } from './outcome';

/** An event to deliver. */
export interface OutboxItem {
  message: EventMessage;
  /** The URL it goes to; '' is the callback node's own. */
  target: string;
  /** The poll node it comes from. */
  instanceId: string;
}

export interface OutboxListeners {
  /** Told for each event, after what became of it is stored. */
  onOutcome?: (outcome: Outcome) => void;
  onRetry?: (retry: Retry) => void;
  /** Told at most a few times a second. */
  onStatus?: (status: OutboxStatus) => void;
  onWarning?: (warning: SageCrmError) => void;
  /** A store that refuses, which is asked again, or what has stopped all deliveries. */
  onError?: (error: unknown) => void;
}

/**
 * Takes events durably and delivers each at least once: in order within a record, records in
 * parallel. Where it keeps them is its own matter.
 */
export interface CallbackOutbox {
  /** Begins to deliver what waits. */
  start(): Promise<void>;
  /**
   * Resolves once the event is stored. An event that waits already is not taken twice.
   *
   * @throws SageCrmError `STATE_IO` or `REDIS_UNAVAILABLE` when it is not, `ABORTED` after `close`,
   *   and what has stopped all deliveries
   */
  take(item: OutboxItem): Promise<void>;
  status(): Promise<OutboxStatus>;
  deadLetters(page: LetterPage): Promise<DeadLetter[]>;
  /**
   * Delivers dead letters once more, as new events.
   *
   * @param letters their numbers; all when undefined
   * @returns how many there were
   */
  replayDead(letters?: readonly number[]): Promise<number>;
  /**
   * @param letters their numbers; all when undefined
   * @returns how many there were
   */
  dropDead(letters?: readonly number[]): Promise<number>;
  /** Delivers again to a target that answered 410, or to all of them. */
  enable(target?: string): Promise<void>;
  /**
   * Ends what is under way and closes the store and the connections.
   *
   * @param graceMs how long requests under way may still take; one that is ended was perhaps
   *   delivered, and is then repeated with the same id
   * @returns how many events wait
   */
  close(graceMs?: number): Promise<number>;
}
