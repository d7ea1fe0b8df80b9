import { z } from 'zod';
import type { CrmRecord } from '../event/event';
import { parsedJson } from '../json/parsed-json';
import type { LevelJournal } from './level-journal';
import { below, del, guarded, put, type Operation } from './level-operations';
import { inSlices } from './migration/slices';
import { DURABLE, type Level } from './open-level';
import {
  reconciliationSchema,
  type JournalEntry,
  type Reconciliation,
  type RecordMemory,
  type RecordStore,
  type ResourceState,
} from './poll-store';
import { stateCorrupt } from './state-error';

/** Versions kept per resource; the oldest make room for new ones. */
const MOST_VERSIONS = 100_000;
const SEQUENCE_DIGITS = 16;

const idSchema = z.string();

const versionSchema = z.object({
  /** Its place among the ages. */
  sequence: z.number(),
  record: z.record(z.string(), z.unknown()),
});

/** How many versions a resource has, and the place of the next one. */
interface Ages {
  count: number;
  next: number;
}

/**
 * What is kept of records beyond the window:
 *
 * - `version!{resource}!{id}`: the latest version, for resources that tell what changed
 * - `age!{resource}!{sequence}`: the id of a version, oldest first
 * - `known!{resource}!{id}`: the number of the latest listing that showed the id
 * - `reconciliation!{resource}`: how far the search for deletions has come
 */
export class LevelRecordStore implements RecordStore {
  private readonly ages = new Map<string, Ages>();

  constructor(
    private readonly db: Level,
    private readonly journal: LevelJournal,
    private readonly mostVersions = MOST_VERSIONS,
  ) {}

  async versions(resource: string, ids: readonly string[]): Promise<(CrmRecord | undefined)[]> {
    const found = await this.stored(resource, ids);
    return found.map((version) => version?.record);
  }

  async readReconciliation(resource: string): Promise<Reconciliation | undefined> {
    const text = await guarded('read', () => this.db.get(`reconciliation!${resource}`));
    if (text === undefined) return undefined;
    const found = reconciliationSchema.safeParse(parsedJson(text));
    if (!found.success) throw stateCorrupt(`of ${resource} cannot be read`, undefined, resource);
    return found.data;
  }

  async writeReconciliation(resource: string, reconciliation: Reconciliation): Promise<void> {
    const key = `reconciliation!${resource}`;
    await guarded('written', () => this.db.put(key, JSON.stringify(reconciliation)));
  }

  async markPresent(resource: string, ids: readonly string[], listing: number): Promise<void> {
    const operations = ids.map((id) => put(knownKey(resource, id), listing));
    await guarded('written', () => this.db.batch(operations));
  }

  async absentSince(
    resource: string,
    listing: number,
  ): Promise<{ known: number; absent: string[] }> {
    const prefix = knownKey(resource, '');
    return guarded('read', async () => {
      let known = 0;
      const absent: string[] = [];
      for await (const [key, text] of this.db.iterator(below(prefix))) {
        known += 1;
        if (Number(text) < listing) absent.push(key.slice(prefix.length));
      }
      return { known, absent };
    });
  }

  async deleted(
    resource: string,
    entries: readonly JournalEntry[],
    state: ResourceState,
  ): Promise<void> {
    const versions = await this.stored(
      resource,
      entries.map(({ message }) => message.event.objectId),
    );
    const operations = entries.flatMap(({ message }, index): Operation[] => {
      const { objectId } = message.event;
      const version = versions[index];
      const forget = [del(knownKey(resource, objectId))];
      if (version !== undefined) {
        forget.push(del(versionKey(resource, objectId)));
        forget.push(del(ageKey(resource, version.sequence)));
      }
      return forget;
    });
    operations.push(...(await this.journal.adding(resource, entries)));
    operations.push(put(`state!${resource}`, state));
    await guarded('written', () => this.db.batch(operations, DURABLE));
    this.forgetCounts(resource);
  }

  /** Drops every version, also damaged ones; changes are told again from the next version on. */
  async forgetVersions(resource: string): Promise<void> {
    await this.db.clear(below(versionKey(resource, '')));
    await this.db.clear(below(ageKey(resource, undefined)));
    this.forgetCounts(resource);
  }

  /** Drops all ids that are known. */
  async forgetKnown(resource: string): Promise<void> {
    await this.db.clear(below(knownKey(resource, '')));
  }

  /** All versions by their ids, the oldest first. */
  async *versionSlices(resource: string): AsyncGenerator<(readonly [string, CrmRecord])[]> {
    for await (const texts of inSlices(this.db.values(below(ageKey(resource, undefined))))) {
      const ids = texts.map((text) => idSchema.parse(parsedJson(text)));
      const found = await this.versions(resource, ids);
      yield ids.flatMap((id, index) => {
        const record = found[index];
        return record === undefined ? [] : [[id, record] as const];
      });
    }
  }

  /** All known ids, each with the number of the latest listing that showed it. */
  async *knownSlices(resource: string): AsyncGenerator<(readonly [string, number])[]> {
    const prefix = knownKey(resource, '');
    for await (const pairs of inSlices(this.db.iterator(below(prefix)))) {
      yield pairs.map(([key, text]) => [key.slice(prefix.length), Number(text)] as const);
    }
  }

  /** What makes ids known, as part of a larger write. */
  knowing(resource: string, known: readonly (readonly [string, number])[]): Operation[] {
    return known.map(([id, listing]) => put(knownKey(resource, id), listing));
  }

  /** Counts the versions anew before the next write, after one whose outcome is not known. */
  forgetCounts(resource: string): void {
    this.ages.delete(resource);
  }

  /** What remembers `memory`, as part of a larger write. */
  async remembering(resource: string, memory: RecordMemory): Promise<Operation[]> {
    const listing = (await this.readReconciliation(resource))?.listing ?? 0;
    const known = memory.knownIds.map((id) => put(knownKey(resource, id), listing));
    if (memory.versions.size === 0) return known;
    return [...known, ...(await this.rememberingVersions(resource, memory.versions))];
  }

  private async rememberingVersions(
    resource: string,
    versions: ReadonlyMap<string, CrmRecord>,
  ): Promise<Operation[]> {
    const ages = await this.agesOf(resource);
    const before = await this.stored(resource, [...versions.keys()]);
    const operations: Operation[] = [];
    [...versions].forEach(([id, record], index) => {
      const old = before[index];
      if (old === undefined) ages.count += 1;
      else operations.push(del(ageKey(resource, old.sequence)));
      operations.push(put(versionKey(resource, id), { sequence: ages.next, record }));
      operations.push(put(ageKey(resource, ages.next), id));
      ages.next += 1;
    });
    operations.push(...(await this.makingRoom(resource, ages, versions)));
    return operations;
  }

  private async makingRoom(
    resource: string,
    ages: Ages,
    kept: ReadonlyMap<string, CrmRecord>,
  ): Promise<Operation[]> {
    const excess = ages.count - this.mostVersions;
    if (excess <= 0) return [];
    const range = { ...below(ageKey(resource, undefined)), limit: excess + kept.size };
    const oldest = await guarded('read', () => this.db.iterator(range).all());
    const leaving = oldest
      .map(([key, id]): [string, unknown] => [key, parsedJson(id)])
      .filter((pair): pair is [string, string] => typeof pair[1] === 'string' && !kept.has(pair[1]))
      .slice(0, excess);
    ages.count -= leaving.length;
    return leaving.flatMap(([key, id]) => [del(key), del(versionKey(resource, id))]);
  }

  private async agesOf(resource: string): Promise<Ages> {
    const known = this.ages.get(resource);
    if (known !== undefined) return known;
    const prefix = ageKey(resource, undefined);
    const keys = await guarded('read', () => this.db.keys(below(prefix)).all());
    const last = keys.at(-1)?.slice(prefix.length);
    const ages = { count: keys.length, next: last === undefined ? 0 : Number(last) + 1 };
    this.ages.set(resource, ages);
    return ages;
  }

  private async stored(resource: string, ids: readonly string[]) {
    const keys = ids.map((id) => versionKey(resource, id));
    const texts = await guarded('read', () => this.db.getMany(keys));
    return texts.map((text) => {
      if (text === undefined) return undefined;
      const version = versionSchema.safeParse(parsedJson(text));
      if (version.success) return version.data;
      throw stateCorrupt(`of ${resource} cannot be read`, undefined, resource);
    });
  }
}

function versionKey(resource: string, id: string): string {
  return `version!${resource}!${id}`;
}

function knownKey(resource: string, id: string): string {
  return `known!${resource}!${id}`;
}

/** Without a sequence: the prefix of all. */
function ageKey(resource: string, sequence: number | undefined): string {
  const place = sequence === undefined ? '' : String(sequence).padStart(SEQUENCE_DIGITS, '0');
  return `age!${resource}!${place}`;
}
