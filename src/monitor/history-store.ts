import { z } from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';
import { parsedJson } from '../json/parsed-json';
import { below, del, guarded, put, type Operation } from '../store/level-operations';
import { openLevel, type Layout, type Level } from '../store/open-level';
import { ordinal, ordinalOf } from '../store/outbox-layout';
import type { HistoryChanges, StoredHistory } from './history';
import type { CountedHour, CountKey } from './minute-counts';
import type { LogChanges, Numbered } from './recent-log';

/** The version of what is stored; a change of any shape below raises it and adds a migration. */
const HISTORY_SCHEMA = 1;

const HISTORY_LAYOUT: Layout = {
  kind: 'history',
  writeBufferBytes: 1024 * 1024,
  schema: HISTORY_SCHEMA,
  migrations: {},
  corrupt: historyCorrupt,
};

const eventSchema = z.strictObject({
  at: z.number(),
  node: z.string(),
  resource: z.string(),
  eventType: z.enum(['CREATED', 'UPDATED', 'DELETED']),
  objectId: z.string(),
  date: z.string(),
});

const problemSchema = z.strictObject({
  at: z.number(),
  node: z.string(),
  resource: z.string(),
  code: z.string(),
  message: z.string(),
  nextStep: z.string(),
});

const count = z.int().nonnegative();

const countedHourSchema = z.strictObject({
  node: z.string(),
  resource: z.string(),
  hour: z.int(),
  minutes: z.array(z.tuple([z.int().min(0).max(59), count, count, count])),
});

const EVENTS = 'event!';
const PROBLEMS = 'problem!';
const COUNTS = 'count!';

/** Where a history outlasts a restart. */
export interface HistoryStore {
  /** @throws SageCrmError `STATE_CORRUPT` for contents that cannot be understood */
  read(): Promise<StoredHistory>;
  /** @throws SageCrmError `STATE_IO` when the disk fails */
  write(changes: HistoryChanges): Promise<void>;
  close(): Promise<void>;
}

/**
 * The history on an embedded LevelDB:
 *
 * - `event!{number}` and `problem!{number}`: the last of them, in the order they were recorded
 * - `count!{hour}!{node and resource}`: how many events each minute of an hour had
 */
export class LevelHistoryStore implements HistoryStore {
  private constructor(private readonly db: Level) {}

  /** @throws SageCrmError `STATE_LOCKED`, `STATE_CORRUPT` or `STATE_IO` */
  static async open(folder: string): Promise<LevelHistoryStore> {
    return new LevelHistoryStore(await openLevel(folder, HISTORY_LAYOUT));
  }

  async read(): Promise<StoredHistory> {
    try {
      return {
        events: await this.readRow(EVENTS, eventSchema),
        problems: await this.readRow(PROBLEMS, problemSchema),
        counts: await this.readCounts(),
      };
    } catch (error) {
      throw error instanceof SageCrmError ? error : historyCorrupt('is damaged', error);
    }
  }

  async write({ anew, events, problems, counts }: HistoryChanges): Promise<void> {
    const operations = [
      ...rowOperations(EVENTS, events),
      ...rowOperations(PROBLEMS, problems),
      ...counts.removed.map((key) => del(countKey(key))),
      ...counts.changed.map((hour) => put(countKey(hour), hour)),
    ];
    await guarded('written', async () => {
      if (anew) for (const prefix of [EVENTS, PROBLEMS, COUNTS]) await this.db.clear(below(prefix));
      await this.db.batch(operations);
    });
  }

  async close(): Promise<void> {
    await this.db.close();
  }

  private async readRow<Entry>(
    prefix: string,
    schema: z.ZodType<Entry>,
  ): Promise<Numbered<Entry>[]> {
    const row: Numbered<Entry>[] = [];
    for await (const [key, entry] of this.entries(prefix, schema)) {
      row.push({ seq: ordinalOf(key), entry });
    }
    return row;
  }

  private async readCounts(): Promise<CountedHour[]> {
    const hours: CountedHour[] = [];
    for await (const [, hour] of this.entries(COUNTS, countedHourSchema)) hours.push(hour);
    return hours;
  }

  /** One after the other, so that a long history does not hold up the event loop. */
  private async *entries<Entry>(
    prefix: string,
    schema: z.ZodType<Entry>,
  ): AsyncGenerator<[string, Entry]> {
    for await (const [key, text] of this.db.iterator(below(prefix))) {
      const entry = schema.safeParse(parsedJson(text));
      if (!entry.success) throw historyCorrupt('holds a damaged entry');
      yield [key, entry.data];
    }
  }
}

function rowOperations<Entry>(prefix: string, { added, removed }: LogChanges<Entry>): Operation[] {
  return [
    ...removed.map((seq) => del(`${prefix}${ordinal(seq)}`)),
    ...added.map(({ seq, entry }) => put(`${prefix}${ordinal(seq)}`, entry)),
  ];
}

function countKey({ hour, node, resource }: CountKey): string {
  return `${COUNTS}${ordinal(hour)}!${JSON.stringify([node, resource])}`;
}

function historyCorrupt(what: string, cause?: unknown): SageCrmError {
  return new SageCrmError(
    'STATE_CORRUPT',
    `the history of the sidebar ${what}`,
    'the history starts anew, and polling and delivery go on as before; the damaged one is kept beside it',
    { cause },
  );
}
