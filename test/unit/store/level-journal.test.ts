import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LevelPollStore } from '../../../src/store/level-poll-store';
import type { Change } from '../../../src/store/poll-store';
import { storeWorkOf } from '../../support/store-work';
import { changeOf, STATE } from './support/entries';

const TEN = Date.parse('2026-01-31T10:00:00Z');

describe('the journal in blocks', () => {
  let folder: string;
  let store: LevelPollStore;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-journal-'));
    store = await LevelPollStore.open(folder);
  });

  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  async function reopen(): Promise<void> {
    await store.close();
    store = await LevelPollStore.open(folder);
  }

  /** Changes of the seconds from `first` to `last`, one each. */
  function changes(first: number, last: number, step = 1): Change[] {
    const count = Math.floor((last - first) / step) + 1;
    return Array.from({ length: count }, (_, index) => {
      const second = first + index * step;
      return changeOf({ id: String(second), date: TEN + second * 1000 });
    });
  }

  function add(some: readonly Change[]): Promise<void> {
    return store.append('accounts', some, STATE);
  }

  async function ids(limit = 9999, after?: string): Promise<number[]> {
    const entries = await store.readJournal('accounts', limit, after);
    return entries.map(({ message }) => Number(message.event.objectId));
  }

  function strike(some: readonly Change[]): Promise<void> {
    return store.strikeOff(
      'accounts',
      some.map(({ key }) => key),
    );
  }

  it('costs one entry for each hundred events that come in their order', async () => {
    const { operations } = await storeWorkOf(() => add(changes(1, 250)));
    const [seen, state] = [250, 1];
    assert.equal(operations - seen - state, 3);
  });

  it('keeps apart what comes out of order, and reads it in order all the same', async () => {
    await add(changes(1, 99, 2));
    await add(changes(2, 100, 2));
    await add(changes(101, 150));
    const all = Array.from({ length: 150 }, (_, index) => index + 1);
    assert.deepEqual(await ids(), all);
    await reopen();
    assert.deepEqual(await ids(), all);
  });

  it('keeps apart what comes within a block behind an event of another poll', async () => {
    const [first, ...rest] = changes(1, 99, 2);
    if (first === undefined) throw new Error('there is no change');
    const { message } = first;
    const earlier = { ...message, event: { ...message.event, pollDate: '2026-01-31T09:00:00Z' } };
    await add([{ ...first, message: earlier }, ...rest]);
    const within = changes(2, 98, 2);
    const { operations } = await storeWorkOf(() => add(within));
    const [seen, state] = [within.length, 1];
    assert.equal(operations - seen - state, within.length);
    assert.deepEqual(
      await ids(),
      changes(1, 99).map(({ objectId }) => Number(objectId)),
    );
  });

  it('reads in slices, each event in one of them, with single events between and in blocks', async () => {
    await add(changes(1, 300, 3));
    await add(changes(2, 300, 3));
    await add(changes(500, 720));
    await add(changes(3, 300, 3));
    const found: number[] = [];
    for (let after: string | undefined; ;) {
      const slice = await store.readJournal('accounts', 40, after);
      if (slice.length === 0) break;
      found.push(...slice.map(({ message }) => Number(message.event.objectId)));
      after = slice.at(-1)?.key;
    }
    assert.deepEqual(
      found,
      [...changes(1, 300), ...changes(500, 720)].map(({ objectId }) => Number(objectId)),
    );
  });

  it('forgets events of a block one by one, also over restarts', async () => {
    const block = changes(1, 5);
    await add(block);
    await ids();
    await strike(block.slice(1, 2));
    await strike(block.slice(3, 4));
    assert.deepEqual(await ids(), [1, 3, 5]);
    await reopen();
    assert.deepEqual(await ids(), [1, 3, 5]);
    await strike(block.slice(0, 1));
    await reopen();
    assert.deepEqual(await ids(), [3, 5]);
    await strike(block);
    assert.deepEqual(await ids(), []);
    await reopen();
    assert.deepEqual(await ids(), []);
  });

  it('keeps a block whose first event is added once more', async () => {
    const block = changes(1, 3);
    await add(block);
    await add(block.slice(0, 1));
    assert.deepEqual(await ids(), [1, 2, 3]);
    await strike(block);
    assert.deepEqual(await ids(), []);
  });

  it('goes on behind an event whose followers in its block are done', async () => {
    const block = changes(1, 5);
    await add([...block, ...changes(6, 7)]);
    await ids();
    await strike(changes(2, 7));
    assert.deepEqual(await ids(1), [1]);
    assert.deepEqual(await ids(1, block[0]?.key), []);
  });

  it('is not filled again by a read that began before the last event of a block was struck off', async () => {
    const block = changes(1, 50);
    await add(block);
    await ids();
    const reading = ids();
    await strike(block);
    await reading;
    assert.deepEqual(await ids(), []);
    await add(changes(51, 60));
    assert.deepEqual(await ids(), [51, 52, 53, 54, 55, 56, 57, 58, 59, 60]);
  });

  it('knows a block that is added while its first reading begins', async () => {
    const some = changes(1, 3);
    await Promise.all([add(some), ids()]);
    assert.deepEqual(await ids(), [1, 2, 3]);
    await Promise.all([strike(some), add(changes(4, 5))]);
    assert.deepEqual(await ids(), [4, 5]);
  });

  it('looks once whether it is empty, and reads on once something is added', async () => {
    const { scans } = await storeWorkOf(async () => {
      await ids();
      await ids();
    });
    assert.equal(scans, 1);
    await add(changes(1, 1));
    assert.deepEqual(await ids(), [1]);
  });

  it('keeps a block as it is when striking it off fails, and lets it be tried again', async () => {
    const block = changes(1, 3);
    await add(block);
    await ids();
    await store.close();
    await assert.rejects(strike(block.slice(0, 1)));
    store = await LevelPollStore.open(folder);
    assert.deepEqual(await ids(), [1, 2, 3]);
    await strike(block.slice(0, 1));
    assert.deepEqual(await ids(), [2, 3]);
  });

  it('shows as seen what is still on its way to the disk', async () => {
    const adding = add(changes(1, 2));
    const seen = await store.seenVersions('accounts', ['1', '2', '3']);
    assert.deepEqual(
      seen.map(({ length }) => length),
      [1, 1, 0],
    );
    await adding;
  });

  it('brings what was written without waiting to disk before a write that waits', async () => {
    await store.append('accounts', changes(1, 10), STATE, { sync: false });
    let flushes = 0;
    const { db } = store as unknown as { db: { compactRange: () => Promise<void> } };
    db.compactRange = () => {
      flushes += 1;
      return Promise.resolve();
    };
    await add(changes(11, 20));
    await add(changes(21, 30));
    assert.equal(flushes, 1);
  });
});
