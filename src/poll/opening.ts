import type { Random } from '../effects/random';
import type { SageCrmError } from '../errors/sagecrm-error';
import { pollProblem } from './poll-problem';
import type { ResourcePoller } from './resource-poller';
import { retryDelayMs } from './retry';
import { Slot } from './slot';

export interface OpeningOptions {
  /**
   * Opens the state and whatever else a poll needs.
   *
   * @param anew puts state that cannot be understood aside
   */
  open: (anew: boolean) => Promise<ResourcePoller[]>;
  /** Milliseconds between polls; 0: polls come on request only. */
  intervalMs: number;
  random: Random;
}

/** The resources of a node: opened when they are first needed, and anew after a failure. */
export class Opening {
  /** Undefined until they are open. */
  slots: Slot[] | undefined;
  /** Why they are not. */
  error: SageCrmError | undefined;
  private failures = 0;

  constructor(private readonly options: OpeningOptions) {}

  async opened(anew: boolean): Promise<Slot[]> {
    if (this.slots !== undefined) return this.slots;
    const { open, intervalMs } = this.options;
    const pollers = await open(anew);
    this.failures = 0;
    this.error = undefined;
    this.slots = pollers.map((poller) => new Slot(poller, intervalMs));
    return this.slots;
  }

  /** Notes that a try has failed. */
  failed(error: unknown): SageCrmError {
    this.failures += 1;
    this.error = pollProblem(error);
    return this.error;
  }

  /**
   * How long to wait before the next try, in milliseconds; undefined when there need be none, or
   * when only the user can help.
   *
   * @param longestMs no longer than this, unless a server asks for more patience
   */
  retryInMs(longestMs: number): number | undefined {
    const { error } = this;
    if (this.slots !== undefined || error === undefined) return undefined;
    if (error.code === 'STATE_CORRUPT') return undefined;
    return retryDelayMs(error, this.failures, longestMs, this.options.random);
  }
}
