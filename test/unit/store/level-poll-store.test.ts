import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { SageCrmError, type ErrorCode } from '../../../src/errors/sagecrm-error';
import { LevelPollStore } from '../../../src/store/level-poll-store';
import {
  STATE_SCHEMA,
  type Change,
  type JournalEntry,
  type ResourceState,
} from '../../../src/store/poll-store';
import { changeOf, STATE } from './support/entries';

const SECOND = 1000;
const TEN = Date.parse('2026-01-31T10:00:00Z');

describe('LevelPollStore', () => {
  let folder: string;
  let store: LevelPollStore;

  beforeEach(async () => {
    const root = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-store-'));
    folder = path.join(root, 'state');
    store = await LevelPollStore.open(folder);
  });

  afterEach(async () => {
    await store.close();
    await rm(path.dirname(folder), { recursive: true });
  });

  async function reopen(): Promise<void> {
    await store.close();
    store = await LevelPollStore.open(folder);
  }

  /** Writes to the database as somebody else would, with the store closed meanwhile. */
  async function behindItsBack(change: (db: ClassicLevel) => Promise<void>): Promise<void> {
    await store.close();
    const db = new ClassicLevel(folder);
    await db.open();
    await change(db);
    await db.close();
  }

  function journal(resource = 'accounts'): Promise<JournalEntry[]> {
    return store.readJournal(resource, 1000);
  }

  function entriesOf(changes: readonly Change[]): JournalEntry[] {
    return changes.map(({ key, message }) => ({ key, message }));
  }

  it('makes its folder, and knows nothing at first', async () => {
    assert.ok((await readdir(folder)).includes('CURRENT'));
    assert.equal(await store.readState('accounts'), undefined);
    assert.deepEqual(await journal(), []);
    assert.deepEqual(await store.seenVersions('accounts', ['1', '2']), [[], []]);
  });

  it('remembers when a start from now began, from the first time it is asked', async () => {
    assert.equal(await store.startedAt('accounts', TEN), TEN);
    await reopen();
    assert.equal(await store.startedAt('accounts', TEN + 5 * SECOND), TEN);
    assert.equal(await store.startedAt('contacts', TEN + 5 * SECOND), TEN + 5 * SECOND);
  });

  describe('over a restart', () => {
    it('keeps state and journal as they were written', async () => {
      const changes = [
        changeOf({ id: '1', date: TEN }),
        changeOf({ id: 'ž 🙂 "quoted"', date: null }),
      ];
      await store.append('accounts', changes, STATE);
      await reopen();
      assert.deepEqual(await store.readState('accounts'), STATE);
      assert.deepEqual(await journal(), entriesOf(changes));
    });

    it('keeps what was taken over, also when it was struck off', async () => {
      const change = changeOf({ id: '1', date: TEN });
      await store.append('accounts', [change], STATE);
      assert.deepEqual(await journal(), entriesOf([change]));
      await store.strikeOff('accounts', [change.key]);
      await reopen();
      assert.deepEqual(await journal(), []);
      assert.deepEqual(await store.seenVersions('accounts', ['1']), [[['hash', TEN]]]);
    });

    it('keeps the latest state', async () => {
      await store.append('accounts', [], STATE);
      const later: ResourceState = { ...STATE, cursor: TEN + SECOND, phase: 'reading' };
      await store.append('accounts', [], later);
      await reopen();
      assert.deepEqual(await store.readState('accounts'), later);
    });
  });

  it('keeps resources apart, also when one name starts with another', async () => {
    const entry = changeOf({ id: '1', date: TEN });
    await store.append('account', [entry], STATE);
    await store.append('accounts', [changeOf({ id: '2', date: TEN })], { ...STATE, cursor: null });
    assert.equal((await journal('account')).length, 1);
    await store.strikeOff('account', [entry.key]);
    assert.deepEqual(await journal('account'), []);
    assert.equal((await journal('accounts')).length, 1);
    assert.deepEqual(await store.seenVersions('accounts', ['1']), [[]]);
    assert.equal((await store.readState('account'))?.cursor, TEN);
    await store.restart('account', STATE);
    assert.equal((await journal('accounts')).length, 1);
  });

  describe('the journal', () => {
    it('comes in the order of dates, then of ids: numbers as numbers, before text', async () => {
      const order = [
        { id: 'z', date: Date.parse('1969-12-31T23:59:59Z') },
        { id: '2', date: TEN },
        { id: '10', date: TEN },
        { id: '100', date: TEN },
        { id: '1a', date: TEN },
        { id: 'a', date: TEN },
        { id: 'b', date: TEN },
        { id: '1', date: TEN + 1 },
        { id: '1', date: Date.parse('2099-01-01T00:00:00Z') },
        { id: '0', date: null },
      ].map(changeOf);
      await store.append('accounts', order.toReversed(), STATE);
      assert.deepEqual(await journal(), entriesOf(order));
    });

    it('holds a change once, however often it is added', async () => {
      const entry = changeOf({ id: '1', date: TEN });
      await store.append('accounts', [entry, entry], STATE);
      await store.append('accounts', [entry], STATE);
      assert.deepEqual(await journal(), entriesOf([entry]));
    });

    it('gives little more than is enough, and goes on behind it', async () => {
      const entries = Array.from({ length: 450 }, (_, id) =>
        changeOf({ id: String(id), date: TEN + id }),
      );
      await store.append('accounts', entries, STATE);
      const slices: JournalEntry[][] = [];
      for (let after: string | undefined; ; after = slices.at(-1)?.at(-1)?.key) {
        const slice = await store.readJournal('accounts', 100, after);
        if (slice.length === 0) break;
        slices.push(slice);
      }
      assert.deepEqual(slices.flat(), entriesOf(entries));
      assert.ok(slices.every(({ length }) => length < 200));
    });

    it('does not mind an entry being struck off twice', async () => {
      const [one, two] = [changeOf({ id: '1', date: TEN }), changeOf({ id: '2', date: TEN })];
      await store.append('accounts', [one, two], STATE);
      await journal();
      await store.strikeOff('accounts', [one.key]);
      await store.strikeOff('accounts', [one.key]);
      assert.deepEqual(await journal(), entriesOf([two]));
    });
  });

  describe('the seen set', () => {
    /** As change detection does it: with the versions that were seen before. */
    async function takeOver(changes: Change[], seenFrom: number | null): Promise<void> {
      const ids = changes.map(({ objectId }) => objectId);
      const seenBefore = await store.seenVersions('accounts', ids);
      const withBefore = changes.map((change, index) => ({
        ...change,
        before: seenBefore[index] ?? [],
      }));
      await store.append('accounts', withBefore, { ...STATE, seenFrom });
    }

    async function seen(id: string): Promise<unknown> {
      const [versions] = await store.seenVersions('accounts', [id]);
      return versions;
    }

    it('keeps only what the next window may show again', async () => {
      const before = changeOf({ id: '1', date: TEN - 1 });
      const at = changeOf({ id: '2', date: TEN });
      await takeOver([before, at], TEN);
      assert.deepEqual(await seen('1'), []);
      assert.deepEqual(await seen('2'), [['hash', TEN]]);
    });

    it('keeps everything while the window has no start', async () => {
      await takeOver([changeOf({ id: '1', date: 0 })], null);
      assert.deepEqual(await seen('1'), [['hash', 0]]);
    });

    it('keeps every dated version of a record inside the window', async () => {
      await takeOver([changeOf({ id: '1', hash: 'a', date: TEN })], TEN);
      await takeOver([changeOf({ id: '1', hash: 'b', date: TEN })], TEN);
      await takeOver([changeOf({ id: '1', hash: 'b', date: TEN })], TEN);
      assert.deepEqual(await seen('1'), [
        ['a', TEN],
        ['b', TEN],
      ]);
      await takeOver([changeOf({ id: '1', hash: 'c', date: TEN + SECOND })], TEN + 1);
      assert.deepEqual(await seen('1'), [['c', TEN + SECOND]]);
    });

    it('keeps two versions written at once', async () => {
      const versions = ['a', 'b'].map((hash) => changeOf({ id: '1', hash, date: TEN }));
      await takeOver(versions, TEN);
      assert.deepEqual(await seen('1'), [
        ['a', TEN],
        ['b', TEN],
      ]);
    });

    it('keeps only the latest version of a record without a date', async () => {
      for (const hash of ['a', 'b', 'c'])
        await takeOver([changeOf({ id: '1', hash, date: null })], TEN);
      assert.deepEqual(await seen('1'), [['c', null]]);
      await takeOver([changeOf({ id: '1', hash: 'd', date: TEN })], TEN);
      assert.deepEqual(await seen('1'), [
        ['c', null],
        ['d', TEN],
      ]);
    });

    it('keeps no more than 50 versions of one record', async () => {
      for (let count = 0; count < 60; count += 1) {
        await takeOver([changeOf({ id: '1', hash: `v${count}`, date: TEN })], TEN);
      }
      const [versions = []] = await store.seenVersions('accounts', ['1']);
      assert.deepEqual(
        [versions.length, versions.at(0)?.[0], versions.at(-1)?.[0]],
        [50, 'v10', 'v59'],
      );
    });

    it('is pruned of what no window shows again', async () => {
      await takeOver(
        [
          changeOf({ id: '1', hash: 'old', date: TEN }),
          changeOf({ id: '1', hash: 'new', date: TEN + SECOND }),
          changeOf({ id: '2', date: TEN }),
          changeOf({ id: '3', date: null }),
        ],
        null,
      );
      await store.pruneSeen('accounts', TEN + 1);
      assert.deepEqual(await seen('1'), [['new', TEN + SECOND]]);
      assert.deepEqual(await seen('2'), []);
      assert.deepEqual(await seen('3'), [['hash', null]]);
    });

    it('is pruned in steps when it is large', async () => {
      const entries = Array.from({ length: 2500 }, (_, id) =>
        changeOf({ id: String(id), date: TEN + (id % 2) }),
      );
      await takeOver(entries, null);
      await store.pruneSeen('accounts', TEN + 1);
      const ids = entries.map(({ objectId }) => objectId);
      const left = (await store.seenVersions('accounts', ids)).filter(({ length }) => length > 0);
      assert.equal(left.length, 1250);
    });
  });

  it('forgets everything about a resource on a restart of it, and sets its state', async () => {
    const [one, two] = [changeOf({ id: '1', date: TEN }), changeOf({ id: '2', date: TEN })];
    await store.append('accounts', [one, two], STATE);
    await store.strikeOff('accounts', [one.key]);
    const anew: ResourceState = { ...STATE, cursor: 0, floor: 0, seenFrom: null, phase: 'reading' };
    await store.restart('accounts', anew);
    await reopen();
    assert.deepEqual(await store.readState('accounts'), anew);
    assert.deepEqual(await journal(), []);
    assert.deepEqual(await store.seenVersions('accounts', ['1']), [[]]);
  });

  describe('state that cannot be understood is a loud error (S20)', () => {
    function is(code: ErrorCode, resource?: string): (error: unknown) => boolean {
      return (error) =>
        error instanceof SageCrmError &&
        error.code === code &&
        error.details.resource === resource &&
        error.nextStep.length > 20;
    }

    for (const [what, value] of [
      ['an empty value', ''],
      ['no JSON', '{"schema":1,"cur'],
      ['another shape', '{"schema":1}'],
      ['a newer schema', JSON.stringify({ ...STATE, schema: STATE_SCHEMA + 1 })],
      ['an unknown field', JSON.stringify({ ...STATE, more: 1 })],
      ['a wrong type', JSON.stringify({ ...STATE, cursor: '2026' })],
    ] as const) {
      it(`of one resource: ${what}`, async () => {
        await store.append('contacts', [], STATE);
        await behindItsBack((db) => db.put('state!accounts', value));
        store = await LevelPollStore.open(folder);
        await assert.rejects(store.readState('accounts'), is('STATE_CORRUPT', 'accounts'));
        assert.deepEqual(await store.readState('contacts'), STATE);
        await store.restart('accounts', STATE);
        assert.deepEqual(await store.readState('accounts'), STATE);
      });
    }

    for (const [name, damage] of [
      ['that was overwritten', (file: string) => writeFile(file, Buffer.alloc(400, 0xff))],
      ['that was emptied', (file: string) => truncate(file)],
      ['that was deleted', (file: string) => rm(file)],
    ] as const) {
      it(`behind a log ${name}, which LevelDB drops without a word`, async () => {
        await store.append('accounts', [], STATE);
        await store.close();
        const log = (await readdir(folder)).find((file) => file.endsWith('.log')) ?? '';
        await damage(path.join(folder, log));
        store = await LevelPollStore.open(folder);
        await assert.rejects(store.readState('accounts'), is('STATE_CORRUPT', 'accounts'));
        assert.equal(await store.readState('contacts'), undefined);
      });
    }

    it('whose database has lost its manifest', async () => {
      await store.append('accounts', [], STATE);
      await store.close();
      const manifest = (await readdir(folder)).find((file) => file.startsWith('MANIFEST')) ?? '';
      await rm(path.join(folder, manifest));
      await assert.rejects(LevelPollStore.open(folder), is('STATE_CORRUPT'));
    });

    it('with a damaged list of its resources', async () => {
      await store.append('accounts', [], STATE);
      await store.close();
      await writeFile(path.join(folder, 'resources.json'), '{"resources":');
      await assert.rejects(LevelPollStore.open(folder), is('STATE_CORRUPT'));
    });

    it('in the seen set, when it is pruned', async () => {
      await behindItsBack((db) => db.put('seen!accounts!1', 'nonsense'));
      store = await LevelPollStore.open(folder);
      await assert.rejects(store.pruneSeen('accounts', TEN), is('STATE_CORRUPT', 'accounts'));
    });

    it('in the journal', async () => {
      const entry = changeOf({ id: '1', date: TEN });
      await store.append('accounts', [entry], STATE);
      await behindItsBack((db) => db.put(`journal!accounts!${entry.key}`, '{"message":'));
      store = await LevelPollStore.open(folder);
      await assert.rejects(journal(), is('STATE_CORRUPT', 'accounts'));
    });

    it('in the seen set', async () => {
      await behindItsBack((db) => db.put('seen!accounts!1', '[["hash"]]'));
      store = await LevelPollStore.open(folder);
      await assert.rejects(store.seenVersions('accounts', ['1']), is('STATE_CORRUPT', 'accounts'));
    });

    it('of another package', async () => {
      await behindItsBack(async (db) => {
        await db.clear();
        await db.put('somebody', 'else');
      });
      await assert.rejects(LevelPollStore.open(folder), is('STATE_CORRUPT'));
    });

    it('of the other kind of node', async () => {
      await behindItsBack((db) =>
        db.put('meta', JSON.stringify({ owner: 'sagecrm-events', kind: 'outbox', schema: 1 })),
      );
      await assert.rejects(LevelPollStore.open(folder), is('STATE_CORRUPT'));
    });

    it('of a newer version of this package', async () => {
      await behindItsBack((db) =>
        db.put('meta', JSON.stringify({ owner: 'sagecrm-events', schema: STATE_SCHEMA + 1 })),
      );
      await assert.rejects(LevelPollStore.open(folder), is('STATE_CORRUPT'));
    });

    for (const file of ['CURRENT', 'MANIFEST-000002']) {
      it(`with garbage in ${file}`, async () => {
        await store.append('accounts', [], STATE);
        await store.close();
        await writeFile(path.join(folder, file), 'garbage');
        await assert.rejects(LevelPollStore.open(folder), is('STATE_CORRUPT'));
      });
    }

    it('but not a manifest alone, as a process leaves it that was killed at the very start', async () => {
      const fresh = path.join(path.dirname(folder), 'cut-off');
      await mkdir(fresh);
      await writeFile(path.join(fresh, 'MANIFEST-000001'), 'half');
      const opened = await LevelPollStore.open(fresh);
      assert.equal(await opened.readState('accounts'), undefined);
      await opened.close();
    });

    it('that has lost its main file', async () => {
      await store.append('accounts', [], STATE);
      await store.close();
      await rm(path.join(folder, 'CURRENT'));
      await assert.rejects(LevelPollStore.open(folder), is('STATE_CORRUPT'));
      await assert.rejects(LevelPollStore.open(folder), is('STATE_CORRUPT'));
    });

    it('that another process has open', async () => {
      await assert.rejects(LevelPollStore.open(folder), is('STATE_LOCKED'));
      await store.append('accounts', [], STATE);
      assert.deepEqual(await store.readState('accounts'), STATE);
    });

    it('where no folder can be made', async () => {
      const file = path.join(path.dirname(folder), 'a-file');
      await writeFile(file, '');
      await assert.rejects(LevelPollStore.open(path.join(file, 'state')), is('STATE_IO'));
    });

    it('after it was closed', async () => {
      await store.close();
      await assert.rejects(store.readState('accounts'), is('STATE_IO'));
      await assert.rejects(store.append('accounts', [], STATE), is('STATE_IO'));
      await assert.rejects(journal(), is('STATE_IO'));
    });
  });
});
