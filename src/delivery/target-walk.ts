import type { OutboxStore } from '../store/outbox-store';

export interface TargetWalkOptions {
  store: Pick<OutboxStore, 'nextTarget'>;
  /** Whether one more target can be served. */
  hasRoom: () => boolean;
  /** A target with waiting events. */
  onFound: (target: string) => void;
}

/** Goes round the targets that have waiting events, when more of them do than can be served at once. */
export class TargetWalk {
  /** There are targets that did not fit. */
  hasMore = false;
  private isUnderWay = false;
  /** The last target found; '': at the beginning of a round. */
  private place = '';

  constructor(private readonly options: TargetWalkOptions) {}

  /** True when it is time to go on. */
  get isWanted(): boolean {
    return this.hasMore && !this.isUnderWay;
  }

  /** Takes up targets as long as there is room, each once. */
  async go(): Promise<void> {
    this.isUnderWay = true;
    await this.takeUp();
    this.isUnderWay = false;
  }

  private async takeUp(): Promise<void> {
    const { store, hasRoom, onFound } = this.options;
    let isRound = this.place === '';
    while (hasRoom()) {
      const found = await store.nextTarget(this.place);
      this.place = found?.key ?? '';
      if (found !== undefined) {
        onFound(found.target);
      } else if (isRound) {
        this.hasMore = false;
        return;
      } else {
        isRound = true;
      }
    }
    this.hasMore = true;
  }
}
