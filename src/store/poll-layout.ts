import { z } from 'zod';
import { parsedJson } from '../json/parsed-json';
import { blockText, contextSchema } from './block-text';
import { placeOf, struckSchema, toBlocks } from './journal-blocks';
import { below, del, putText } from './level-operations';
import type { Layout, Level } from './open-level';
import { journalKey, seenKey, struckKey } from './poll-keys';
import { seenSchema, withVersion } from './seen-versions';
import { stateCorrupt } from './state-error';

/** The databases of poll nodes. */
export const POLL_LAYOUT: Layout = {
  kind: 'poll',
  schema: 5,
  // A backlog goes through few large tables; `rest` gives back what a poll has filled.
  writeBufferBytes: 4 * 1024 * 1024,
  migrations: { 1: seenWithTheJournal, 2: journalInBlocks, 3: seenInALog, 4: contextOnce },
  corrupt: (what, cause) => stateCorrupt(what, cause),
};

const firstStateSchema = z.looseObject({ seenFrom: z.number().nullable() });

const firstEntrySchema = z.looseObject({
  objectId: z.string(),
  hash: z.string(),
  seenUntil: z.number().nullable(),
});

/**
 * Version 1 put a change into the seen set when it was emitted; since version 2 it is there from the
 * moment it is journaled. What waits in the journal is added to the seen set.
 *
 * What cannot be read stays as it is: reading it later stops its resource with the reason.
 */
async function seenWithTheJournal(db: Level): Promise<void> {
  for await (const [key, text] of db.iterator(below('state!'))) {
    const state = firstStateSchema.safeParse(parsedJson(text));
    if (!state.success) continue;
    await addJournalToSeen(db, key.slice('state!'.length), state.data.seenFrom);
    await db.put(key, JSON.stringify({ auditedAt: null, ...state.data, schema: 2 }));
  }
}

/** One entry at a time, since the next one may be of the same record. */
async function addJournalToSeen(
  db: Level,
  resource: string,
  seenFrom: number | null,
): Promise<void> {
  for await (const [, text] of db.iterator(below(journalKey(resource, '')))) {
    const entry = firstEntrySchema.safeParse(parsedJson(text));
    if (!entry.success) continue;
    const key = seenKey(resource, entry.data.objectId);
    const seen = seenSchema.safeParse(parsedJson((await db.get(key)) ?? '[]'));
    if (!seen.success) continue;
    await db.put(key, JSON.stringify(withVersion(seen.data, entry.data, seenFrom)));
  }
}

const singleEntrySchema = z.looseObject({ message: z.looseObject({ event: z.unknown() }) });

/** Version 2 kept one event under each key; since version 3 a list of one or more. */
async function journalInBlocks(db: Level): Promise<void> {
  for await (const [stateKey, text] of db.iterator(below('state!'))) {
    const prefix = journalKey(stateKey.slice('state!'.length), '');
    for await (const [key, entryText] of db.iterator(below(prefix))) {
      const entry = singleEntrySchema.safeParse(parsedJson(entryText));
      if (!entry.success) continue;
      const block = [{ key: key.slice(prefix.length), message: entry.data.message }];
      await db.put(key, JSON.stringify(block));
    }
    const state = z.looseObject({}).safeParse(parsedJson(text));
    if (state.success) await db.put(stateKey, JSON.stringify({ ...state.data, schema: 3 }));
  }
}

/** Version 3 had no log of what was seen: what it has left is what version 4 keeps as well. */
async function seenInALog(db: Level): Promise<void> {
  for await (const [key, text] of db.iterator(below('state!'))) {
    const state = z.looseObject({}).safeParse(parsedJson(text));
    if (state.success) await db.put(key, JSON.stringify({ ...state.data, schema: 4 }));
  }
}

/** Made when it is needed: most starts have nothing to migrate. */
function wholeEntriesSchema() {
  const changesSchema = z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() }));
  return z.array(
    z.object({
      key: z.string(),
      message: z.object({
        topic: z.string(),
        payload: z.record(z.string(), z.unknown()),
        event: contextSchema.omit({ topic: true }).extend({
          eventId: z.string(),
          eventType: z.enum(['CREATED', 'UPDATED', 'DELETED']),
          objectId: z.string(),
          date: z.string(),
          changes: z.exactOptional(changesSchema),
        }),
      }),
    }),
  );
}

/** Version 4 kept each event whole; since version 5 a block has once what its events have in common. */
async function contextOnce(db: Level): Promise<void> {
  const schema = wholeEntriesSchema();
  for await (const stateKey of db.keys(below('state!'))) {
    const resource = stateKey.slice('state!'.length);
    const prefix = journalKey(resource, '');
    for await (const [key, text] of db.iterator(below(prefix))) {
      const mark = struckKey(resource, key.slice(prefix.length));
      const struck = struckSchema.safeParse(parsedJson((await db.get(mark)) ?? '[]'));
      const entries = schema.safeParse(parsedJson(text));
      if (!entries.success || !struck.success) continue;
      const left = entries.data.filter((entry) => !struck.data.includes(entry.key));
      const blocks = toBlocks(left, undefined);
      await db.batch([
        ...[del(key), del(mark)],
        ...blocks.map((block) => putText(journalKey(resource, placeOf(block)), blockText(block))),
      ]);
    }
  }
}
