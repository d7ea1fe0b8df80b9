import { z } from 'zod';
import type { CrmRecord } from '../event/event';
import { parsedJson } from '../json/parsed-json';
import { DELETED, MARK_PRESENT, RECONCILED } from '../redis/poll-scripts';
import {
  reconciliationSchema,
  type JournalEntry,
  type Reconciliation,
  type RecordStore,
  type ResourceState,
} from './poll-store';
import { list, type RedisKeyspace } from './redis-keyspace';
import { stateCorrupt } from './state-error';

const recordSchema = z.record(z.string(), z.unknown());
const countSchema = z.number();
const idsSchema = z.array(z.string());

/** Ids that one step of a long listing touches. */
const STEP = 1000;

/** Versions and ids of records, on Redis; see `PollKeys`. */
export class RedisRecordStore implements RecordStore {
  constructor(private readonly keyspace: RedisKeyspace) {}

  async versions(resource: string, ids: readonly string[]): Promise<(CrmRecord | undefined)[]> {
    const texts = await this.keyspace.fields(this.keyspace.keysOf(resource).versions, ids);
    return texts.map((text) => {
      if (text === undefined) return undefined;
      const record = recordSchema.safeParse(parsedJson(text));
      if (record.success) return record.data;
      throw stateCorrupt(`of ${resource} cannot be read`, undefined, resource);
    });
  }

  async readReconciliation(resource: string): Promise<Reconciliation | undefined> {
    const { meta } = this.keyspace.keysOf(resource);
    const [listing, at] = await this.keyspace.fields(meta, ['listing', 'listedAt']);
    if (listing === undefined && at === undefined) return undefined;
    const found = reconciliationSchema.safeParse({
      listing: parsedJson(listing ?? ''),
      at: parsedJson(at ?? ''),
    });
    if (found.success) return found.data;
    throw stateCorrupt(`of ${resource} cannot be read`, undefined, resource);
  }

  async writeReconciliation(resource: string, { listing, at }: Reconciliation): Promise<void> {
    await this.keyspace.write(RECONCILED, resource, [listing, at]);
  }

  async markPresent(resource: string, ids: readonly string[], listing: number): Promise<void> {
    for (let begin = 0; begin < ids.length; begin += STEP) {
      const step = ids.slice(begin, begin + STEP).map((id) => [id]);
      await this.keyspace.write(MARK_PRESENT, resource, [listing, ...list(step)]);
    }
  }

  async absentSince(
    resource: string,
    listing: number,
  ): Promise<{ known: number; absent: string[] }> {
    const { known } = this.keyspace.keysOf(resource);
    const count = await this.keyspace.command('zcard', [known]);
    const absent = await this.keyspace.command('zrangebyscore', [known, '-inf', `(${listing}`]);
    return { known: countSchema.parse(count), absent: idsSchema.parse(absent) };
  }

  async deleted(
    resource: string,
    entries: readonly JournalEntry[],
    state: ResourceState,
  ): Promise<void> {
    const items = entries.map(({ key, message }) => [
      message.event.objectId,
      key,
      JSON.stringify(message),
    ]);
    await this.keyspace.write(DELETED, resource, [JSON.stringify(state), ...list(items)]);
  }
}
