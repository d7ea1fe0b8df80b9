import type { PollStore, ResourceState } from '../store/poll-store';

/** Forgets what of one resource no window can show again. */
export class Pruning {
  private prunedUpTo: number | undefined;

  /** @param retention how far before the cursor any poll looks back, in milliseconds */
  constructor(
    private readonly store: Pick<PollStore, 'pruneSeen'>,
    private readonly resource: string,
    private readonly retention: number,
  ) {}

  /** It reads the whole seen set, so it waits until as much is out of date as has to be kept. */
  async after({ seenFrom: from }: ResourceState): Promise<void> {
    if (from === null) return;
    if (this.prunedUpTo !== undefined && from < this.prunedUpTo + this.retention) return;
    await this.store.pruneSeen(this.resource, from);
    this.prunedUpTo = from;
  }

  /** What is stored is not what was pruned. */
  forget(): void {
    this.prunedUpTo = undefined;
  }
}
