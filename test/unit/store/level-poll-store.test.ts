import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { mock } from 'node:test';
import { ClassicLevel } from 'classic-level';
import { SageCrmError, type ErrorCode } from '../../../src/errors/sagecrm-error';
import { LevelPollStore } from '../../../src/store/level-poll-store';
import { POLL_LAYOUT } from '../../../src/store/poll-layout';
import { STATE_SCHEMA, type JournalEntry } from '../../../src/store/poll-store';
import { changeOf, STATE } from './support/entries';
import { itIsAPollStore } from './support/poll-store-suite';

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

  async function diskBytes(): Promise<number> {
    const sizes = (await readdir(folder)).map(
      async (name) => (await stat(path.join(folder, name))).size,
    );
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }

  function journal(resource = 'accounts'): Promise<JournalEntry[]> {
    return store.readJournal(resource, 1000);
  }

  itIsAPollStore({ store: () => store, reopen });

  it('makes its folder', async () => {
    assert.ok((await readdir(folder)).includes('CURRENT'));
  });

  it('gives back the place of a large backlog once that is through', async () => {
    const text = randomBytes(4096).toString('hex');
    const changes = Array.from({ length: 2500 }, (_, index) => {
      const { message, ...change } = changeOf({ id: String(index), date: TEN + index });
      return { ...change, message: { ...message, payload: { text: `${index}${text}` } } };
    });
    for (let begin = 0; begin < changes.length; begin += 100) {
      const some = changes.slice(begin, begin + 100);
      await store.append('accounts', some, STATE, { sync: false });
    }
    await store.readJournal('accounts', changes.length);
    await store.strikeOff(
      'accounts',
      changes.map(({ key }) => key),
    );
    const before = await diskBytes();
    await store.rest();
    assert.ok(before > 2_000_000, `${before} bytes before`);
    assert.ok((await diskBytes()) < 400_000, `${await diskBytes()} of ${before} bytes are left`);
  });

  it('still knows what it has seen in the midst of a window after a write that failed', async () => {
    const [one, two] = [changeOf({ id: '1', date: TEN }), changeOf({ id: '2', date: TEN })];
    await store.append('accounts', [one], STATE, { sync: false });
    const full = mock.method(ClassicLevel.prototype, 'batch', () => {
      throw new Error('the disk is full');
    });
    await assert.rejects(store.append('accounts', [two], STATE, { sync: false }), {
      code: 'STATE_IO',
    });
    full.mock.restore();
    assert.deepEqual(await store.seenVersions('accounts', ['1', '2']), [[['hash', TEN]], []]);
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
        db.put('meta', JSON.stringify({ owner: 'sagecrm-events', schema: POLL_LAYOUT.schema + 1 })),
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
