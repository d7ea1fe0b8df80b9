import { z } from 'zod';
import type { EventMessage } from '../event/event';
import { parsedJson } from '../json/parsed-json';
import { below, del, guarded, put, type Operation } from './level-operations';
import { LevelRecordStore } from './level-record-store';
import { openLevel, type Level } from './open-level';
import { POLL_LAYOUT } from './poll-layout';
import { ResourceMarker } from './resource-marker';
import {
  resourceStateSchema,
  type AppendOptions,
  type Change,
  type JournalEntry,
  type PollStore,
  type ResourceState,
  type SeenVersion,
} from './poll-store';
import { journalKey, seenKey } from './poll-keys';
import { mayComeAgain, readSeen, withVersion } from './seen-versions';
import { stateCorrupt } from './state-error';

const journalEntrySchema = z.object({
  message: z.custom<EventMessage>(
    (value) => typeof value === 'object' && value !== null && 'event' in value,
  ),
});

/** How many entries one step of a long clean-up touches, so that the event loop keeps turning. */
const CLEAN_UP_STEP = 1000;

/** Struck entries after which their place on disk, and in mapped memory, is given back. */
const COMPACT_AFTER = 20_000;

/**
 * The poll store on an embedded LevelDB, one database per node:
 *
 * - `state!{resource}`: where the resource stands
 * - `begun!{resource}`: when a start from now began
 * - `journal!{resource}!{key}`: events not yet handed over, in the order of their dates
 * - `seen!{resource}!{id}`: versions taken over that a poll may still read again
 *
 * and what `LevelRecordStore` keeps.
 */
export class LevelPollStore implements PollStore {
  readonly records: LevelRecordStore;
  private struck = 0;

  private constructor(
    private readonly db: Level,
    private readonly marker: ResourceMarker,
  ) {
    this.records = new LevelRecordStore(db);
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
    const text = await guarded('read', () => this.db.get(`state!${resource}`));
    if (text === undefined) {
      if (!this.marker.has(resource)) return undefined;
      throw stateCorrupt(`of ${resource} is gone`, undefined, resource);
    }
    const state = resourceStateSchema.safeParse(parsedJson(text));
    if (!state.success) throw stateCorrupt(`of ${resource} cannot be read`, undefined, resource);
    return state.data;
  }

  async startedAt(resource: string, now: number): Promise<number> {
    const key = `begun!${resource}`;
    const text = await guarded('read', () => this.db.get(key));
    const begun = z.number().safeParse(text === undefined ? undefined : parsedJson(text));
    if (begun.success) return begun.data;
    await guarded('written', () => this.db.put(key, JSON.stringify(now), { sync: true }));
    return now;
  }

  async seenVersions(resource: string, ids: readonly string[]): Promise<SeenVersion[][]> {
    const keys = ids.map((id) => seenKey(resource, id));
    const texts = await guarded('read', () => this.db.getMany(keys));
    return texts.map((text) => (text === undefined ? [] : readSeen(resource, text)));
  }

  async append(
    resource: string,
    changes: readonly Change[],
    state: ResourceState,
    { memory, sync = true }: AppendOptions = {},
  ): Promise<void> {
    const operations = changes.map(({ key, message }): Operation =>
      put(journalKey(resource, key), { message }),
    );
    operations.push(...rememberingSeen(resource, changes, state.seenFrom));
    operations.push(put(`state!${resource}`, state));
    try {
      if (memory !== undefined) {
        operations.push(...(await this.records.remembering(resource, memory)));
      }
      await guarded('written', () => this.db.batch(operations, { sync }));
    } catch (error) {
      this.records.forgetCounts(resource);
      throw error;
    }
    await guarded('written', () => this.marker.add(resource));
  }

  async readJournal(resource: string, limit: number, after = ''): Promise<JournalEntry[]> {
    const prefix = journalKey(resource, '');
    const range = { gt: `${prefix}${after}`, lt: below(prefix).lt, limit };
    const found = await guarded('read', () => this.db.iterator(range).all());
    return found.map(([key, text]) => {
      const entry = journalEntrySchema.safeParse(parsedJson(text));
      if (!entry.success) {
        throw stateCorrupt(`of ${resource} holds a damaged event`, undefined, resource);
      }
      return { key: key.slice(prefix.length), ...entry.data };
    });
  }

  async strikeOff(resource: string, keys: readonly string[]): Promise<void> {
    const operations = keys.map((key) => del(journalKey(resource, key)));
    await guarded('written', () => this.db.batch(operations));
    const last = keys.at(-1);
    this.struck += keys.length;
    if (this.struck < COMPACT_AFTER || last === undefined) return;
    this.struck = 0;
    const range = [journalKey(resource, ''), journalKey(resource, last)] as const;
    await guarded('written', () => this.db.compactRange(...range));
  }

  async pruneSeen(resource: string, seenFrom: number): Promise<void> {
    await guarded('written', async () => {
      let operations: Operation[] = [];
      for await (const [key, text] of this.db.iterator(below(seenKey(resource, '')))) {
        const operation = pruning(resource, key, text, seenFrom);
        if (operation !== undefined) operations.push(operation);
        if (operations.length >= CLEAN_UP_STEP) {
          await this.db.batch(operations);
          operations = [];
        }
      }
      await this.db.batch(operations);
    });
  }

  async restart(resource: string, state: ResourceState): Promise<void> {
    await guarded('written', async () => {
      // A crash after the first steps repeats events, one after the write leaves some to emit; any
      // other order could lose them.
      await this.db.clear(below(seenKey(resource, '')));
      await this.records.forgetVersions(resource);
      await this.db.put(`state!${resource}`, JSON.stringify(state), { sync: true });
      await this.db.clear(below(journalKey(resource, '')));
      await this.marker.add(resource);
    });
  }

  async close(): Promise<void> {
    await this.db.close();
  }
}

/** What pruning does to one id's versions; undefined: nothing. */
function pruning(
  resource: string,
  key: string,
  text: string,
  seenFrom: number,
): Operation | undefined {
  const versions = readSeen(resource, text);
  const kept = versions.filter(([, until]) => mayComeAgain(until, seenFrom));
  if (kept.length === 0) return del(key);
  return kept.length === versions.length ? undefined : put(key, kept);
}

/** Several versions of one record may come in one write: each builds on the one before. */
function rememberingSeen(
  resource: string,
  changes: readonly Change[],
  seenFrom: number | null,
): Operation[] {
  const byId = new Map<string, readonly SeenVersion[]>();
  for (const change of changes) {
    if (!mayComeAgain(change.seenUntil, seenFrom)) continue;
    const before = byId.get(change.objectId) ?? change.before;
    byId.set(change.objectId, withVersion(before, change, seenFrom));
  }
  return [...byId].map(([id, versions]) => put(seenKey(resource, id), versions));
}
