import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SOLE_LEASE, type PollLease } from '../../src/poll/lease';
import { LevelPollStore } from '../../src/store/level-poll-store';
import type { PollStore } from '../../src/store/poll-store';

/** State as one process holds it. */
export interface OpenState {
  store: PollStore;
  lease: PollLease;
  close(): Promise<void>;
}

/** Where the poller of a test keeps its state. */
export interface RigState {
  /** @param isInFlight true while the flow holds events of a resource */
  open(resource: string, isInFlight: () => boolean): Promise<OpenState>;
  /** As if the process were killed at this moment: what is written from now on is not there when it is opened next. */
  die(): void;
  remove(): Promise<void>;
}

/** State in the embedded store, in a folder of its own. */
export class EmbeddedState implements RigState {
  private copies = 0;

  private constructor(
    private readonly folder: string,
    private current: string,
  ) {}

  static async create(): Promise<EmbeddedState> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-rig-'));
    return new EmbeddedState(folder, path.join(folder, 'state'));
  }

  async open(): Promise<OpenState> {
    const store = await LevelPollStore.open(this.current);
    return { store, lease: SOLE_LEASE, close: () => store.close() };
  }

  die(): void {
    this.copies += 1;
    const copy = path.join(this.folder, `copy-${this.copies}`);
    cpSync(this.current, copy, { recursive: true });
    this.current = copy;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}
