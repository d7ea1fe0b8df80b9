import { LevelJournal } from './level-journal';
import { below, del, guarded, put, type Operation } from './level-operations';
import { LevelRecordStore } from './level-record-store';
import { LevelSeen } from './level-seen';
import { LevelMovable } from './migration/level-movable';
import { pollInMove } from './migration/move-error';
import { DURABLE, LAZY, openLevel, type Level } from './open-level';
import { POLL_LAYOUT } from './poll-layout';
import { ResourceMarker } from './resource-marker';
import type {
  AppendOptions,
  Change,
  JournalEntry,
  PollStore,
  ResourceState,
  SeenVersion,
} from './poll-store';
import { moveKey } from './poll-keys';
import type { SeenIds } from './seen-log';
import { seenAfter } from './seen-versions';
import { stateCorrupt } from './state-error';
import { readBegun, readPollMove, readStateText } from './stored-state';

/** Behind every key: compacting it writes what is in memory to a table, and nothing else. */
const BEHIND_ALL = '~';

/** Less than this may stay in memory between polls, in bytes. */
const REST_BYTES = 128 * 1024;

/** After so much was written, in bytes, what of it is deleted by now gives its place back. */
const COMPACT_BYTES = 16 * 1024 * 1024;

/**
 * The poll store on an embedded LevelDB, one database per node:
 *
 * - `state!{resource}`: where the resource stands
 * - `begun!{resource}`: when a start from now began
 * - `move!{resource}`: that its state has left for another store, or is arriving from one
 *
 * and what `LevelJournal`, `LevelSeen` and `LevelRecordStore` keep.
 */
export class LevelPollStore implements PollStore {
  readonly records: LevelRecordStore;
  private readonly journal: LevelJournal;
  private readonly seen: LevelSeen;
  private hasUnsynced = false;
  /** Characters written since what is in memory went into a table. */
  private written = 0;
  /** Characters written since all tables were compacted. */
  private writtenInAll = 0;

  private constructor(
    private readonly db: Level,
    private readonly marker: ResourceMarker,
  ) {
    this.journal = new LevelJournal(db);
    this.seen = new LevelSeen(db);
    this.records = new LevelRecordStore(db, this.journal);
  }

  /** @throws SageCrmError `STATE_LOCKED`, `STATE_CORRUPT` or `STATE_IO` */
  static async open(folder: string): Promise<LevelPollStore> {
    const db = await openLevel(folder, POLL_LAYOUT);
    try {
      return new LevelPollStore(db, ResourceMarker.read(folder));
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  async readState(resource: string): Promise<ResourceState | undefined> {
    const keys = [`state!${resource}`, moveKey(resource)];
    const [text, moveText] = await guarded('read', () => this.db.getMany(keys));
    const move = readPollMove(resource, moveText);
    if (move !== undefined) throw pollInMove(resource, move, 'embedded');
    if (text === undefined) {
      if (!this.marker.has(resource)) return undefined;
      throw stateCorrupt(`of ${resource} is gone`, undefined, resource);
    }
    return readStateText(resource, text);
  }

  async startedAt(resource: string, now: number): Promise<number> {
    const key = `begun!${resource}`;
    const text = await guarded('read', () => this.db.get(key));
    const begun = readBegun(text);
    if (begun !== undefined) return begun;
    await guarded('written', () => this.db.put(key, JSON.stringify(now), DURABLE));
    return now;
  }

  seenVersions(resource: string, ids: readonly string[]): Promise<SeenVersion[][]> {
    return this.seen.versions(resource, ids);
  }

  async append(
    resource: string,
    changes: readonly Change[],
    state: ResourceState,
    options: AppendOptions = {},
  ): Promise<void> {
    const seen = seenAfter(changes, state.seenFrom);
    try {
      await this.seen.whileLanding(resource, seen, () =>
        this.write(resource, changes, seen, state, options),
      );
    } catch (error) {
      this.records.forgetCounts(resource);
      throw error;
    }
    await guarded('written', () => this.marker.add(resource));
  }

  readJournal(resource: string, limit: number, after = ''): Promise<JournalEntry[]> {
    return this.journal.read(resource, limit, after);
  }

  strikeOff(resource: string, keys: readonly string[]): Promise<void> {
    return this.journal.strikeOff(resource, keys);
  }

  pruneSeen(resource: string, seenFrom: number): Promise<void> {
    return this.seen.prune(resource, seenFrom);
  }

  async restart(resource: string, state: ResourceState): Promise<void> {
    await guarded('written', async () => {
      // A crash after the first steps repeats events, one after the write leaves some to emit; any
      // other order could lose them.
      await this.seen.clear(resource);
      await this.records.forgetVersions(resource);
      const operations = [put(`state!${resource}`, state), del(moveKey(resource))];
      await this.db.batch(operations, DURABLE);
      await this.journal.clear(resource);
      await this.marker.add(resource);
    });
  }

  async rest(): Promise<void> {
    if (this.writtenInAll >= COMPACT_BYTES) await guarded('written', () => this.compact());
    else if (this.written >= REST_BYTES) await guarded('written', () => this.flush());
  }

  /** Those that have state here, or had it. */
  async resources(): Promise<string[]> {
    const found = new Set<string>();
    for (const prefix of ['state!', 'begun!', 'move!']) {
      const keys = await guarded('read', () => this.db.keys(below(prefix)).all());
      for (const key of keys) found.add(key.slice(prefix.length));
    }
    return [...found].sort();
  }

  movable(resource: string): LevelMovable {
    const { db, journal, seen, records, marker } = this;
    const flush = (): Promise<void> => this.flush();
    return new LevelMovable(resource, { db, journal, seen, records, marker, flush });
  }

  async close(): Promise<void> {
    await this.db.close();
  }

  private async write(
    resource: string,
    changes: readonly Change[],
    seen: SeenIds,
    state: ResourceState,
    { memory, sync = true }: AppendOptions,
  ): Promise<void> {
    const entries = changes.map(({ key, message }) => ({ key, message }));
    const operations = await this.journal.adding(resource, entries);
    const added = sync ? this.seen.adding(resource, seen) : this.seen.logging(resource, seen);
    operations.push(...(await added), put(`state!${resource}`, state));
    if (memory !== undefined) {
      operations.push(...(await this.records.remembering(resource, memory)));
    }
    await guarded('written', async () => {
      if (sync) await this.syncEarlier();
      await this.db.batch(operations, sync ? DURABLE : LAZY);
      const length = lengthOf(operations);
      this.written += length;
      this.writtenInAll += length;
    });
    if (!sync) await this.seen.logged(resource, seen);
    this.hasUnsynced = !sync;
  }

  /**
   * LevelDB syncs the log that it writes to, and leaves to the system those it has gone on from. So
   * what was written without waiting is brought into tables, which are synced, before a write that
   * must not be on disk without it.
   */
  private async syncEarlier(): Promise<void> {
    if (this.hasUnsynced) await this.flush();
  }

  private async flush(): Promise<void> {
    this.written = 0;
    await this.db.compactRange(BEHIND_ALL, BEHIND_ALL);
  }

  /** LevelDB leaves deleted entries on the disk, and in mapped memory, until others take their place. */
  private async compact(): Promise<void> {
    this.written = 0;
    this.writtenInAll = 0;
    await this.db.compactRange('', BEHIND_ALL);
  }
}

function lengthOf(operations: readonly Operation[]): number {
  return operations.reduce(
    (sum, operation) =>
      sum + operation.key.length + (operation.type === 'put' ? operation.value.length : 0),
    0,
  );
}
