import type { Clock } from '../effects/clock';
import { Throttle } from '../effects/throttle';
import { SageCrmError } from '../errors/sagecrm-error';
import type { History } from './history';
import type { HistoryStore } from './history-store';

/** A crash loses what was recorded in this time at most. */
const SAVE_EVERY_MS = 2000;

export interface HistoryKeeperOptions {
  history: History;
  /** @param anew puts a history that cannot be understood aside */
  open: (anew: boolean) => Promise<HistoryStore>;
  clock: Clock;
  /** Told once of what keeps the history from the disk, until it is there again. */
  onWarning: (error: unknown) => void;
}

/**
 * Brings what an earlier run has stored into a history, and what is recorded to the disk.
 *
 * The store is open while the keeper is held, and otherwise for as long as something needs it. When
 * it fails the history goes on in memory, and the next change tries again.
 */
export class HistoryKeeper {
  private store: HistoryStore | undefined;
  private isHeld = false;
  private isRestored = false;
  private hasWarned = false;
  private feed: Throttle<undefined> | undefined;
  private tail: Promise<void> = Promise.resolve();

  constructor(private readonly options: HistoryKeeperOptions) {}

  /** Keeps the store open until `release`. */
  hold(): void {
    if (this.isHeld) return;
    this.isHeld = true;
    void this.exclusively(() => this.opened());
  }

  /** Resolves when everything is written and the store is closed. */
  release(): Promise<void> {
    this.isHeld = false;
    this.feed?.close();
    this.feed = undefined;
    return this.exclusively(() => this.save());
  }

  /** Something was recorded while the keeper is held: it will be on disk within two seconds. */
  changed(): void {
    this.feed ??= new Throttle(
      () => void this.exclusively(() => this.save()),
      SAVE_EVERY_MS,
      this.options.clock,
    );
    this.feed.push(undefined);
  }

  /** Resolves once what an earlier run has stored is in the history, or cannot be had. */
  restored(): Promise<void> {
    return this.isRestored ? Promise.resolve() : this.exclusively(() => this.opened());
  }

  /** Drops everything of the nodes that are gone, from memory and disk. */
  forget(isGone: (node: string) => boolean): Promise<void> {
    void this.restored();
    return this.exclusively(async () => {
      if (this.options.history.forget(isGone)) await this.save();
    });
  }

  /** Resolves when all that was asked for so far is done. */
  settled(): Promise<void> {
    return this.tail;
  }

  /** One after the other; what fails is told. */
  private exclusively(work: () => Promise<unknown>): Promise<void> {
    this.tail = this.tail.then(async () => {
      try {
        await work();
      } catch (error) {
        this.warn(error);
      } finally {
        if (!this.isHeld) await this.closeStore();
      }
    });
    return this.tail;
  }

  private async save(): Promise<void> {
    const { history } = this.options;
    if (!history.hasChanges) return;
    const store = await this.opened();
    try {
      await store.write(history.takeChanges());
      this.hasWarned = false;
    } catch (error) {
      history.forgetStored();
      // After a failed write LevelDB takes no other before it is opened again.
      await this.closeStore();
      throw error;
    }
  }

  private async opened(): Promise<HistoryStore> {
    if (this.store !== undefined) return this.store;
    try {
      this.store = await this.openAndRestore(false);
    } catch (error) {
      if (!(error instanceof SageCrmError) || error.code !== 'STATE_CORRUPT') throw error;
      this.options.onWarning(error);
      this.store = await this.openAndRestore(true);
      this.options.history.forgetStored();
    }
    return this.store;
  }

  private async openAndRestore(anew: boolean): Promise<HistoryStore> {
    const store = await this.options.open(anew);
    try {
      if (!this.isRestored) this.options.history.restore(await store.read());
    } catch (error) {
      await store.close();
      throw error;
    }
    this.isRestored = true;
    return store;
  }

  private async closeStore(): Promise<void> {
    const { store } = this;
    this.store = undefined;
    await store?.close().catch((error: unknown) => {
      this.warn(error);
    });
  }

  private warn(error: unknown): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    this.options.onWarning(error);
  }
}
