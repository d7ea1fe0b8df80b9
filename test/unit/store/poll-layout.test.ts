import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { LevelPollStore } from '../../../src/store/level-poll-store';
import { STATE_SCHEMA } from '../../../src/store/poll-store';
import { changeOf } from './support/entries';

const TEN = Date.parse('2026-01-31T10:00:00Z');

/** A state as version 1 wrote it. */
const FIRST_STATE = { schema: 1, cursor: TEN, floor: 5, seenFrom: TEN - 120_000, phase: 'reading' };

/** A journal entry as version 1 wrote it: the fields of the seen set beside the message. */
function firstEntry(id: string, hash: string, date: number | null): [string, string] {
  const { key, message } = changeOf({ id, hash, date });
  const entry = { objectId: id, hash, seenUntil: date, message };
  return [`journal!accounts!${key}`, JSON.stringify(entry)];
}

describe('state of version 1', () => {
  let folder: string;

  beforeEach(async () => {
    folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'sagecrm-layout-')), 'state');
    await write({
      meta: '{"owner":"sagecrm-events","schema":1}',
      'state!accounts': JSON.stringify(FIRST_STATE),
      'seen!accounts!1': JSON.stringify([['emitted', TEN]]),
      ...Object.fromEntries([
        firstEntry('1', 'waiting', TEN + 1000),
        firstEntry('2', 'first', TEN),
        firstEntry('2', 'second', TEN + 1000),
        firstEntry('3', 'undated', null),
      ]),
    });
  });

  afterEach(async () => {
    await rm(path.dirname(folder), { recursive: true });
  });

  async function write(entries: Record<string, string>): Promise<void> {
    const db = new ClassicLevel(folder);
    await db.open();
    for (const [key, value] of Object.entries(entries)) await db.put(key, value);
    await db.close();
  }

  async function assertMigrated(store: LevelPollStore): Promise<void> {
    assert.deepEqual(await store.readState('accounts'), {
      ...FIRST_STATE,
      schema: STATE_SCHEMA,
      auditedAt: null,
    });
    assert.deepEqual(await store.seenVersions('accounts', ['1', '2', '3']), [
      [
        ['emitted', TEN],
        ['waiting', TEN + 1000],
      ],
      [
        ['first', TEN],
        ['second', TEN + 1000],
      ],
      [['undated', null]],
    ]);
    const journal = await store.readJournal('accounts', 9);
    assert.deepEqual(
      journal.map(({ message }) => message.event.eventId),
      ['event-2-first', 'event-1-waiting', 'event-2-second', 'event-3-undated'],
    );
  }

  it('is brought to the present shape: what waits in the journal counts as seen', async () => {
    const store = await LevelPollStore.open(folder);
    await assertMigrated(store);
    await store.close();
  });

  it('is migrated once', async () => {
    await (await LevelPollStore.open(folder)).close();
    const store = await LevelPollStore.open(folder);
    await assertMigrated(store);
    await store.close();
  });

  it('is migrated to the end when the first attempt was cut off', async () => {
    await (await LevelPollStore.open(folder)).close();
    // The version is written last: everything else was done, and is done again.
    await write({ meta: '{"owner":"sagecrm-events","schema":1}' });
    const store = await LevelPollStore.open(folder);
    await assertMigrated(store);
    await store.close();
  });

  it('that is damaged stays so, and stops its own resource only', async () => {
    await write({
      'state!contacts': '{"schema":1',
      'journal!accounts!damaged': 'nonsense',
    });
    const store = await LevelPollStore.open(folder);
    await assert.rejects(
      store.readState('contacts'),
      (error) => error instanceof SageCrmError && error.code === 'STATE_CORRUPT',
    );
    assert.equal((await store.readState('accounts'))?.cursor, TEN);
    await store.close();
  });
});

describe('state of version 2', () => {
  it('keeps its journal, where each event had a key of its own', async () => {
    const folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'sagecrm-layout-')), 'state');
    const db = new ClassicLevel(folder);
    await db.open();
    await db.put('meta', '{"owner":"sagecrm-events","schema":2}');
    await db.put(
      'state!accounts',
      JSON.stringify({ ...FIRST_STATE, schema: 2, auditedAt: 7, phase: 'emitting' }),
    );
    const changes = ['1', '2', '3'].map((id) => changeOf({ id, date: TEN + Number(id) }));
    for (const { key, message } of changes) {
      await db.put(`journal!accounts!${key}`, JSON.stringify({ message }));
    }
    await db.close();
    const store = await LevelPollStore.open(folder);
    const journal = await store.readJournal('accounts', 9);
    assert.deepEqual(
      journal,
      changes.map(({ key, message }) => ({ key, message })),
    );
    await store.strikeOff('accounts', [journal[1]?.key ?? '']);
    assert.equal((await store.readJournal('accounts', 9)).length, 2);
    assert.equal((await store.readState('accounts'))?.auditedAt, 7);
    await store.close();
    await rm(path.dirname(folder), { recursive: true });
  });
});

describe('state of version 4', () => {
  let folder: string;

  beforeEach(async () => {
    folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'sagecrm-layout-')), 'state');
  });

  afterEach(async () => {
    await rm(path.dirname(folder), { recursive: true });
  });

  async function write(entries: Record<string, string>): Promise<void> {
    const db = new ClassicLevel(folder);
    await db.open();
    await db.put('meta', '{"owner":"sagecrm-events","schema":4}');
    await db.put('state!accounts', JSON.stringify({ ...FIRST_STATE, schema: 4, auditedAt: 7 }));
    for (const [key, value] of Object.entries(entries)) await db.put(key, value);
    await db.close();
  }

  it('keeps its journal, where each event was written whole', async () => {
    const changes = Array.from({ length: 6 }, (_, index) =>
      changeOf({ id: String(index + 1), date: TEN + index }),
    );
    const entries = changes.map(({ key, message }, index) => {
      const event = { ...message.event, pollDate: index < 3 ? 'first' : 'second' };
      if (index === 5) event.changes = { Comp_Name: { from: null, to: 'x' } };
      return { key, message: { ...message, event } };
    });
    // Events of two polls in one block, as a move from another store made them; two are struck off.
    const block = entries.slice(0, 5);
    const place = `${block[0]?.key ?? ''}!`;
    await write({
      [`journal!accounts!${place}`]: JSON.stringify(block),
      [`struck!accounts!${place}`]: JSON.stringify([block[0]?.key, block[3]?.key]),
      [`journal!accounts!${entries[5]?.key ?? ''}`]: JSON.stringify(entries.slice(5)),
    });
    const store = await LevelPollStore.open(folder);
    const left = [1, 2, 4, 5].map((index) => entries[index]);
    assert.deepEqual(await store.readJournal('accounts', 9), left);
    await store.strikeOff('accounts', [left[0]?.key ?? '']);
    assert.deepEqual(await store.readJournal('accounts', 9), left.slice(1));
    await store.close();
  });

  it('stops its resource where it cannot be told what was done', async () => {
    const entries = ['1', '2'].map((id) => {
      const { key, message } = changeOf({ id, date: TEN });
      return { key, message };
    });
    const place = `${entries[0]?.key ?? ''}!`;
    await write({
      [`journal!accounts!${place}`]: JSON.stringify(entries),
      [`struck!accounts!${place}`]: 'nonsense',
    });
    const store = await LevelPollStore.open(folder);
    await assert.rejects(
      store.readJournal('accounts', 9),
      (error) => error instanceof SageCrmError && error.code === 'STATE_CORRUPT',
    );
    await store.close();
  });
});
