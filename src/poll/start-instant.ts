import type { Clock } from '../effects/clock';
import type { PollStore } from '../store/poll-store';

export interface StartInstantOptions {
  clock: Clock;
  store: Pick<PollStore, 'startedAt'>;
  resource: string;
  /** On `clock.monotonic`: when the node started. */
  startedAt: number;
}

/** How long ago a start from now began: an earlier run may have begun it and not got through. */
export class StartInstant {
  /** Epoch milliseconds. */
  private begunAt: number | undefined;

  constructor(private readonly options: StartInstantOptions) {}

  /** Looks up when it began, and stores it where this is the first run. */
  async recall(): Promise<void> {
    const { clock, store, resource, startedAt } = this.options;
    const started = clock.now() - (clock.monotonic() - startedAt);
    this.begunAt = await store.startedAt(resource, started);
  }

  /** Milliseconds. */
  elapsed(): number {
    const { clock, startedAt } = this.options;
    const sinceBegun = clock.now() - (this.begunAt ?? clock.now());
    return Math.max(clock.monotonic() - startedAt, sinceBegun);
  }
}
