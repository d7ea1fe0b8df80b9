import { z } from 'zod';
import type { EventMessage } from '../event/event';
import { parsedJson } from '../json/parsed-json';
import { below, del, guarded, put, type Operation } from './level-operations';
import { LevelRecordStore } from './level-record-store';
import { openLevel, type Level } from './open-level';
import { ResourceMarker } from './resource-marker';
import {
  resourceStateSchema,
  seenVersionSchema,
  type JournalEntry,
  type PollStore,
  type RecordMemory,
  type ResourceState,
  type SeenVersion,
} from './poll-store';
import { stateCorrupt } from './state-error';

const seenSchema = z.array(seenVersionSchema);

const journalEntrySchema = z.object({
  objectId: z.string(),
  hash: z.string(),
  seenUntil: z.number().nullable(),
  message: z.custom<EventMessage>(
    (value) => typeof value === 'object' && value !== null && 'event' in value,
  ),
});

/** How many entries one step of a long clean-up touches, so that the event loop keeps turning. */
const CLEAN_UP_STEP = 1000;

/**
 * The poll store on an embedded LevelDB, one database per node:
 *
 * - `state!{resource}`: where the resource stands
 * - `journal!{resource}!{key}`: events not yet emitted, in the order of their dates
 * - `seen!{resource}!{id}`: versions emitted that a poll may still read again
 *
 * and what `LevelRecordStore` keeps.
 */
export class LevelPollStore implements PollStore {
  readonly records: LevelRecordStore;

  private constructor(
    private readonly db: Level,
    private readonly marker: ResourceMarker,
  ) {
    this.records = new LevelRecordStore(db);
  }

  /** @throws SageCrmError `STATE_LOCKED`, `STATE_CORRUPT` or `STATE_IO` */
  static async open(folder: string): Promise<LevelPollStore> {
    const db = await openLevel(folder);
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

  async seenVersions(resource: string, ids: readonly string[]): Promise<SeenVersion[][]> {
    const keys = ids.map((id) => seenKey(resource, id));
    const texts = await guarded('read', () => this.db.getMany(keys));
    return texts.map((text) => (text === undefined ? [] : readSeen(resource, text)));
  }

  async journaled(resource: string, keys: readonly string[]): Promise<Set<string>> {
    const full = keys.map((key) => journalKey(resource, key));
    const texts = await guarded('read', () => this.db.getMany(full));
    return new Set(keys.filter((_key, index) => texts[index] !== undefined));
  }

  async append(
    resource: string,
    entries: readonly JournalEntry[],
    state: ResourceState,
    memory?: RecordMemory,
  ): Promise<void> {
    const operations = entries.map(({ key, ...entry }): Operation =>
      put(journalKey(resource, key), entry),
    );
    operations.push(put(`state!${resource}`, state));
    try {
      if (memory !== undefined) {
        operations.push(...(await this.records.remembering(resource, memory)));
      }
      await guarded('written', () => this.db.batch(operations, { sync: true }));
    } catch (error) {
      this.records.forgetCounts(resource);
      throw error;
    }
    await guarded('written', () => this.marker.add(resource));
  }

  async readJournal(resource: string, limit: number): Promise<JournalEntry[]> {
    const prefix = journalKey(resource, '');
    const found = await guarded('read', () => this.db.iterator({ ...below(prefix), limit }).all());
    return found.map(([key, text]) => {
      const entry = journalEntrySchema.safeParse(parsedJson(text));
      if (!entry.success) {
        throw stateCorrupt(`of ${resource} holds a damaged event`, undefined, resource);
      }
      return { key: key.slice(prefix.length), ...entry.data };
    });
  }

  async acknowledge(
    resource: string,
    emitted: readonly JournalEntry[],
    seenFrom: number | null,
  ): Promise<void> {
    const operations = emitted.map(({ key }): Operation => ({
      type: 'del',
      key: journalKey(resource, key),
    }));
    const again = emitted.filter(({ seenUntil }) => mayComeAgain(seenUntil, seenFrom));
    const versions = await this.seenVersions(
      resource,
      again.map(({ objectId }) => objectId),
    );
    const byId = new Map(again.map(({ objectId }, index) => [objectId, versions[index] ?? []]));
    for (const entry of again) {
      byId.set(entry.objectId, withVersion(byId.get(entry.objectId) ?? [], entry, seenFrom));
    }
    for (const [id, seen] of byId) operations.push(put(seenKey(resource, id), seen));
    await guarded('written', () => this.db.batch(operations));
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

function readSeen(resource: string, text: string): SeenVersion[] {
  const seen = seenSchema.safeParse(parsedJson(text));
  if (seen.success) return seen.data;
  throw stateCorrupt(`of ${resource} cannot be read`, undefined, resource);
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

function journalKey(resource: string, key: string): string {
  return `journal!${resource}!${key}`;
}

function seenKey(resource: string, id: string): string {
  return `seen!${resource}!${id}`;
}

function mayComeAgain(seenUntil: number | null, seenFrom: number | null): boolean {
  return seenUntil === null || seenFrom === null || seenUntil >= seenFrom;
}

/** A record without a date is kept in its latest version only: nothing else ever prunes it. */
function withVersion(
  versions: readonly SeenVersion[],
  { hash, seenUntil }: JournalEntry,
  seenFrom: number | null,
): SeenVersion[] {
  const kept = versions.filter(
    ([other, until]) =>
      other !== hash && (seenUntil !== null || until !== null) && mayComeAgain(until, seenFrom),
  );
  return [...kept, [hash, seenUntil]];
}
