import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { LevelOutboxStore } from '../../../src/store/level-outbox-store';
import { LevelPollStore } from '../../../src/store/level-poll-store';
import type { NewEvent, Tried } from '../../../src/store/outbox-store';
import { sampleMessage } from '../delivery/support/sample';

const tried: Tried = { attempts: 1, faults: 0, dueAt: 9, waitMs: 5, single: false };
const reason = { code: 'DELIVERY_REFUSED', message: 'no', statusCode: 400 };

function event(id: string, changes: Partial<NewEvent> = {}): NewEvent {
  return {
    message: sampleMessage({ eventId: id, objectId: id }),
    target: '',
    instanceId: 'poll-1',
    lane: `lane of ${id}`,
    takenAt: 1_000,
    ...changes,
  };
}

function isCorrupt(error: unknown): boolean {
  return (
    error instanceof SageCrmError &&
    error.code === 'STATE_CORRUPT' &&
    error.nextStep.includes('delivery has stopped')
  );
}

describe('LevelOutboxStore', () => {
  let root: string;
  let folder: string;
  let store: LevelOutboxStore;

  beforeEach(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-outbox-store-'));
    folder = path.join(root, 'outbox');
    store = await LevelOutboxStore.open(folder);
  });

  afterEach(async () => {
    await store.close();
    await rm(root, { recursive: true });
  });

  async function reopen(): Promise<void> {
    await store.close();
    store = await LevelOutboxStore.open(folder);
  }

  /** Works on the database behind the store's back. */
  async function tamper(act: (db: ClassicLevel) => Promise<void>): Promise<void> {
    await store.close();
    const db = new ClassicLevel(folder);
    await act(db);
    await db.close();
    store = await LevelOutboxStore.open(folder);
  }

  async function keys(): Promise<string[]> {
    await store.close();
    const db = new ClassicLevel(folder);
    const found = await db.keys().all();
    await db.close();
    store = await LevelOutboxStore.open(folder);
    return found.filter((key) => key !== 'meta');
  }

  async function take(...ids: string[]): Promise<void> {
    await Promise.all(ids.map((id) => store.take(event(id))));
  }

  async function seqs(target = ''): Promise<number[]> {
    return (await store.scan(target, 0, 100)).map(({ seq }) => seq);
  }

  it('gives numbers in the order of taking, also after it was opened anew', async () => {
    await take('a', 'b');
    await reopen();
    await take('c');
    assert.deepEqual(await seqs(), [1, 2, 3]);
    const entries = await store.read([3, 1]);
    assert.deepEqual(
      entries.map(({ message }) => message.event.eventId),
      ['c', 'a'],
    );
    assert.deepEqual(entries[1], { seq: 1, ...event('a') });
  });

  it('counts what waits and what was given up, also after it was opened anew', async () => {
    await take('a', 'b', 'c');
    await store.bury([{ entry: (await store.read([1]))[0] ?? never(), reason, attempts: 1 }], 5);
    assert.deepEqual([store.depth, store.letters.count], [2, 1]);
    await reopen();
    assert.deepEqual([store.depth, store.letters.count], [2, 1]);
  });

  it('takes no event twice that waits, in one write or over several', async () => {
    await take('a', 'a');
    await take('a');
    await store.take(event('a', { target: 'https://other.example/' }));
    assert.equal(store.depth, 2);
  });

  it('takes many at once', async () => {
    await take(...Array.from({ length: 500 }, (_, index) => `e${index}`));
    assert.equal(store.depth, 500);
  });

  it('forgets all of a delivered event', async () => {
    await take('a', 'b');
    await store.seal('', [1, 2], 7);
    await store.retryLater(1, tried);
    await store.remove(await store.read([1, 2]));
    assert.deepEqual(await keys(), []);
  });

  it('forgets all of a dead letter that is dropped', async () => {
    await take('a');
    await store.bury([{ entry: (await store.read([1]))[0] ?? never(), reason, attempts: 3 }], 5);
    const [letter] = await store.letters.list({ order: 'oldest', limit: 9 });
    assert.deepEqual(letter, { letter: 1, event: event('a'), reason, attempts: 3, buriedAt: 5 });
    await store.letters.drop([1]);
    assert.deepEqual(await keys(), []);
  });

  it('replays a letter once, even when it is asked twice at the same time', async () => {
    await take('a', 'b');
    const entries = await store.read([1, 2]);
    await store.bury(
      entries.map((entry) => ({ entry, reason, attempts: 1 })),
      5,
    );
    const letters = await store.letters.list({ order: 'newest', limit: 9 });
    await Promise.all([store.letters.replay(letters, 8), store.letters.replay(letters, 8)]);
    assert.deepEqual([store.depth, store.letters.count], [2, 0]);
    assert.deepEqual(await seqs(), [3, 4]);
    assert.equal(await store.oldestAt(), 8);
  });

  it('keeps a sealed composition with its tries until it is taken apart', async () => {
    await take('a', 'b', 'c');
    await store.seal('', [1, 3], 7);
    await store.retryLater(1, tried);
    await reopen();
    const [sealed] = await store.sealed('');
    assert.deepEqual(
      sealed?.marks.map(({ seq }) => seq),
      [1, 3],
    );
    assert.equal(sealed.sealedAt, 7);
    assert.deepEqual(sealed.tried, tried);
    await store.unseal('', [1, 3]);
    assert.deepEqual(await store.sealed(''), []);
    const marks = await store.scan('', 0, 10);
    assert.deepEqual(
      marks.map((mark) => mark.tried?.single),
      [true, undefined, true],
    );
  });

  it('finds the events of a lane and of a target, and the targets one after the other', async () => {
    await store.take(event('a', { lane: 'one' }));
    await store.take(event('b', { lane: 'two!"', target: 'https://other.example/!' }));
    await store.take(event('c', { lane: 'one' }));
    const [mark] = await store.scan('', 0, 1);
    const lane = await store.lane(mark?.lane ?? '', 2, 10);
    assert.deepEqual(
      lane.map(({ seq }) => seq),
      [1],
    );
    const targets: string[] = [];
    for (let key: string | undefined = ''; key !== undefined;) {
      const next = await store.nextTarget(key);
      if (next !== undefined) targets.push(next.target);
      key = next?.key;
    }
    assert.deepEqual(targets.sort(), ['', 'https://other.example/!']);
    assert.deepEqual(await seqs('https://other.example/!'), [2]);
  });

  it('tells when the oldest was taken', async () => {
    assert.equal(await store.oldestAt(), undefined);
    await store.take(event('a', { takenAt: 1 }));
    await store.take(event('b', { takenAt: 2 }));
    assert.equal(await store.oldestAt(), 1);
    await store.remove(await store.read([1]));
    assert.equal(await store.oldestAt(), 2);
  });

  it('remembers targets that want nothing any more', async () => {
    const other = { target: 'https://other.example/', address: 'hash' };
    await store.disable(other, 5);
    await reopen();
    assert.deepEqual(
      (await store.disabled()).map(({ target, address }) => ({ target, address })),
      [other],
    );
    await store.enable(other.target);
    assert.deepEqual(await store.disabled(), []);
  });

  describe('tells damage instead of dropping it', () => {
    for (const [what, key, read] of [
      ['an event', 'event!0000000000000001', () => store.read([1])],
      ['the age of the oldest', 'event!0000000000000001', () => store.oldestAt()],
      ['a try', 'try!0000000000000001', () => store.scan('', 0, 9)],
      [
        'a dead letter',
        'dead!0000000000000001',
        () => store.letters.list({ order: 'oldest', limit: 9 }),
      ],
      ['a dead letter by number', 'dead!0000000000000001', () => store.letters.read([1])],
      ['a disabled target', 'gone!x', () => store.disabled()],
    ] as const) {
      it(what, async () => {
        await take('a');
        for (const value of ['{', '{}', '[]']) {
          await tamper((db) => db.put(key, value));
          await assert.rejects(read(), isCorrupt);
        }
      });
    }

    it('a queue or a batch', async () => {
      await take('a');
      await store.seal('', [1], 7);
      const damage = (prefix: string) =>
        tamper(async (db) => {
          const range = { gte: `${prefix}!`, lt: `${prefix}"` };
          for (const key of await db.keys(range).all()) await db.put(key, '{"seqs":1}');
        });
      await damage('batch');
      await assert.rejects(store.sealed(''), isCorrupt);
      await damage('queue');
      await assert.rejects(store.scan('', 0, 9), isCorrupt);
    });

    it('an event that is not there', async () => {
      await take('a');
      await tamper((db) => db.del('event!0000000000000001'));
      await assert.rejects(store.read([1]), isCorrupt);
      await assert.rejects(store.nextTarget(''), isCorrupt);
    });

    it('a database of something else', async () => {
      const other = path.join(root, 'poll');
      await (await LevelPollStore.open(other)).close();
      await assert.rejects(LevelOutboxStore.open(other), isCorrupt);
    });
  });

  it('is open once at a time', async () => {
    await assert.rejects(LevelOutboxStore.open(folder), { code: 'STATE_LOCKED' });
  });
});

function never(): never {
  throw new Error('there is no event');
}
