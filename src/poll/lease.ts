/**
 * How much a poll matters: `due` at its time; `start` at its time or at once after a failure; `now`
 * whatever the time is.
 */
export type Urgency = 'due' | 'start' | 'now';

/** Whether this instance may poll a resource. */
export type Grant =
  | {
      granted: true;
      /** True when no other instance has polled since this one last did. */
      isContinued: boolean;
    }
  | {
      granted: false;
      /** When to ask again. */
      retryInMs: number;
      /** The instance that polls at this moment. */
      holder?: string;
    };

/** What a poll has left behind. */
export interface Settlement {
  /** Until the next poll; undefined: it comes on request only. */
  nextInMs: number | undefined;
  hasFailed: boolean;
  /** The code of what only the user can mend. */
  blockedBy?: string | undefined;
}

/**
 * The right to poll one resource, which one instance of a node has at a time.
 *
 * @throws SageCrmError `REDIS_UNAVAILABLE`, from every method
 */
export interface PollLease {
  /** Asks for the right; once granted it lasts until it is settled, or lost. */
  acquire(urgency: Urgency): Promise<Grant>;
  /**
   * Makes sure that the right still stands.
   *
   * @throws SageCrmError `LEASE_LOST` when another instance has taken over
   */
  confirm(): Promise<void>;
  /** The poll is over; others learn when the next one is due. */
  settle(settlement: Settlement): Promise<void>;
}

/** The lease of whoever has its state to itself. */
export const SOLE_LEASE: PollLease = {
  acquire: () => Promise.resolve({ granted: true, isContinued: true }),
  confirm: () => Promise.resolve(),
  settle: () => Promise.resolve(),
};
