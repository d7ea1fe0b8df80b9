import assert from 'node:assert/strict';
import type {
  Change,
  JournalEntry,
  PollStore,
  ResourceState,
} from '../../../../src/store/poll-store';
import { changeOf, STATE } from './entries';

const SECOND = 1000;
const TEN = Date.parse('2026-01-31T10:00:00Z');

/** A store that a test begins with empty. */
export interface Tested {
  store: () => PollStore;
  /** Opens it anew on what it holds. */
  reopen: () => Promise<void>;
}

/** What every poll store does; call it inside a `describe` that opens one before each test. */
export function itIsAPollStore({ store, reopen }: Tested): void {
  function journal(resource = 'accounts'): Promise<JournalEntry[]> {
    return store().readJournal(resource, 1000);
  }

  function entriesOf(changes: readonly Change[]): JournalEntry[] {
    return changes.map(({ key, message }) => ({ key, message }));
  }

  it('knows nothing at first', async () => {
    assert.equal(await store().readState('accounts'), undefined);
    assert.deepEqual(await journal(), []);
    assert.deepEqual(await store().seenVersions('accounts', ['1', '2']), [[], []]);
  });

  it('remembers when a start from now began, from the first time it is asked', async () => {
    assert.equal(await store().startedAt('accounts', TEN), TEN);
    await reopen();
    assert.equal(await store().startedAt('accounts', TEN + 5 * SECOND), TEN);
    assert.equal(await store().startedAt('contacts', TEN + 5 * SECOND), TEN + 5 * SECOND);
  });

  describe('over a restart', () => {
    it('keeps state and journal as they were written', async () => {
      const changes = [
        changeOf({ id: '1', date: TEN }),
        changeOf({ id: 'ž 🙂 "quoted"', date: null }),
      ];
      await store().append('accounts', changes, STATE);
      await reopen();
      assert.deepEqual(await store().readState('accounts'), STATE);
      assert.deepEqual(await journal(), entriesOf(changes));
    });

    it('keeps what was taken over, also when it was struck off', async () => {
      const change = changeOf({ id: '1', date: TEN });
      await store().append('accounts', [change], STATE);
      assert.deepEqual(await journal(), entriesOf([change]));
      await store().strikeOff('accounts', [change.key]);
      await reopen();
      assert.deepEqual(await journal(), []);
      assert.deepEqual(await store().seenVersions('accounts', ['1']), [[['hash', TEN]]]);
    });

    it('keeps the latest state', async () => {
      await store().append('accounts', [], STATE);
      const later: ResourceState = { ...STATE, cursor: TEN + SECOND, phase: 'reading' };
      await store().append('accounts', [], later);
      await reopen();
      assert.deepEqual(await store().readState('accounts'), later);
    });
  });

  it('keeps resources apart, also when one name starts with another', async () => {
    const entry = changeOf({ id: '1', date: TEN });
    await store().append('account', [entry], STATE);
    await store().append('accounts', [changeOf({ id: '2', date: TEN })], {
      ...STATE,
      cursor: null,
    });
    assert.equal((await journal('account')).length, 1);
    await store().strikeOff('account', [entry.key]);
    assert.deepEqual(await journal('account'), []);
    assert.equal((await journal('accounts')).length, 1);
    assert.deepEqual(await store().seenVersions('accounts', ['1']), [[]]);
    assert.equal((await store().readState('account'))?.cursor, TEN);
    await store().restart('account', STATE);
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
      await store().append('accounts', order.toReversed(), STATE);
      assert.deepEqual(await journal(), entriesOf(order));
    });

    it('holds a change once, however often it is added', async () => {
      const entry = changeOf({ id: '1', date: TEN });
      await store().append('accounts', [entry, entry], STATE);
      await store().append('accounts', [entry], STATE);
      assert.deepEqual(await journal(), entriesOf([entry]));
    });

    it('gives no more than is asked for, and goes on behind any of them', async () => {
      const entries = Array.from({ length: 450 }, (_, id) =>
        changeOf({ id: String(id), date: TEN + id }),
      );
      await store().append('accounts', entries, STATE);
      const slices: JournalEntry[][] = [];
      for (let after: string | undefined; ; after = slices.at(-1)?.at(-1)?.key) {
        const slice = await store().readJournal('accounts', 100, after);
        if (slice.length === 0) break;
        slices.push(slice);
      }
      assert.deepEqual(slices.flat(), entriesOf(entries));
      assert.deepEqual(
        slices.map(({ length }) => length),
        [100, 100, 100, 100, 50],
      );
      const rest = await store().readJournal('accounts', 999, entries[120]?.key);
      assert.deepEqual(rest, entriesOf(entries.slice(121)));
    });

    it('does not mind an entry being struck off twice', async () => {
      const [one, two] = [changeOf({ id: '1', date: TEN }), changeOf({ id: '2', date: TEN })];
      await store().append('accounts', [one, two], STATE);
      await journal();
      await store().strikeOff('accounts', [one.key]);
      await store().strikeOff('accounts', [one.key]);
      assert.deepEqual(await journal(), entriesOf([two]));
    });
  });

  describe('the seen set', () => {
    /** As change detection does it: with the versions that were seen before. */
    async function takeOver(
      changes: Change[],
      seenFrom: number | null,
      sync = true,
    ): Promise<void> {
      const ids = changes.map(({ objectId }) => objectId);
      const seenBefore = await store().seenVersions('accounts', ids);
      const withBefore = changes.map((change, index) => ({
        ...change,
        before: seenBefore[index] ?? [],
      }));
      await store().append('accounts', withBefore, { ...STATE, seenFrom }, { sync });
    }

    /** In the midst of a window, without waiting for the disk. */
    async function takeOverMidway(...changes: Change[]): Promise<void> {
      await takeOver(changes, null, false);
    }

    async function seen(id: string): Promise<unknown> {
      const [versions] = await store().seenVersions('accounts', [id]);
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
      const [versions = []] = await store().seenVersions('accounts', ['1']);
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
      await store().pruneSeen('accounts', TEN + 1);
      assert.deepEqual(await seen('1'), [['new', TEN + SECOND]]);
      assert.deepEqual(await seen('2'), []);
      assert.deepEqual(await seen('3'), [['hash', null]]);
    });

    for (const [when, between] of [
      ['at once', () => Promise.resolve()],
      ['over a restart', reopen],
    ] as const) {
      it(`holds what was written in the midst of a window, ${when}`, async () => {
        const changes = ['1', '2', '3'].map((id) => changeOf({ id, date: TEN }));
        await takeOverMidway(...changes.slice(0, 2));
        await takeOverMidway(...changes.slice(2));
        await between();
        assert.deepEqual(await seen('4'), []);
        for (const id of ['1', '2', '3']) assert.deepEqual(await seen(id), [['hash', TEN]]);
      });
    }

    it('counts a write as seen while it is under way', async () => {
      const change = changeOf({ id: '1', date: TEN });
      const writing = store().append('accounts', [change], STATE, { sync: false });
      const during = store().seenVersions('accounts', ['1', '2']);
      await writing;
      assert.deepEqual(await during, [[['hash', TEN]], []]);
    });

    it('keeps a version that was on its way when another was found', async () => {
      const one = changeOf({ id: '1', hash: 'a', date: TEN });
      const writing = store().append('accounts', [one], STATE, { sync: false });
      const [before = []] = await store().seenVersions('accounts', ['1']);
      await writing;
      const other = { ...changeOf({ id: '1', hash: 'b', date: TEN }), before };
      await store().append('accounts', [other], STATE);
      await store().pruneSeen('accounts', TEN);
      assert.deepEqual(await seen('1'), [
        ['a', TEN],
        ['b', TEN],
      ]);
    });

    for (const [then, isMidway] of [
      ['in the midst of it', true],
      ['at its end', false],
    ] as const) {
      it(`keeps a version from the midst of a window when another follows ${then}`, async () => {
        await takeOverMidway(changeOf({ id: '1', hash: 'a', date: TEN }));
        await takeOver([changeOf({ id: '1', hash: 'b', date: TEN })], null, !isMidway);
        const both = [
          ['a', TEN],
          ['b', TEN],
        ];
        assert.deepEqual(await seen('1'), both);
        await reopen();
        assert.deepEqual(await seen('1'), both);
      });
    }

    it('is pruned of what was written in the midst of a window', async () => {
      await takeOverMidway(changeOf({ id: '1', date: TEN - 1 }), changeOf({ id: '2', date: TEN }));
      await takeOverMidway(changeOf({ id: '3', date: TEN - 1 }), changeOf({ id: '4', date: null }));
      await takeOverMidway(changeOf({ id: '5', date: TEN - 1 }));
      await store().pruneSeen('accounts', TEN);
      await reopen();
      const found = await store().seenVersions('accounts', ['1', '2', '3', '4', '5']);
      assert.deepEqual(found, [[], [['hash', TEN]], [], [['hash', null]], []]);
    });

    it('is pruned in steps when it is large', async () => {
      const entries = Array.from({ length: 2500 }, (_, id) =>
        changeOf({ id: String(id), date: TEN + (id % 2) }),
      );
      await takeOver(entries, null);
      await store().pruneSeen('accounts', TEN + 1);
      const ids = entries.map(({ objectId }) => objectId);
      const left = (await store().seenVersions('accounts', ids)).filter(({ length }) => length > 0);
      assert.equal(left.length, 1250);
    });
  });

  it('forgets everything about a resource on a restart of it, and sets its state', async () => {
    const [one, two] = [changeOf({ id: '1', date: TEN }), changeOf({ id: '2', date: TEN })];
    await store().append('accounts', [one, two], STATE);
    await store().strikeOff('accounts', [one.key]);
    await store().append('accounts', [changeOf({ id: '3', date: TEN })], STATE, { sync: false });
    const anew: ResourceState = { ...STATE, cursor: 0, floor: 0, seenFrom: null, phase: 'reading' };
    await store().restart('accounts', anew);
    await reopen();
    assert.deepEqual(await store().readState('accounts'), anew);
    assert.deepEqual(await journal(), []);
    assert.deepEqual(await store().seenVersions('accounts', ['1', '3']), [[], []]);
  });

  describe('the memory of records', () => {
    const ONE = { $key: '1', Comp_Name: 'Žižka 🙂' };
    const TWO = { $key: '2', Comp_Name: null };

    async function remember(versions: Record<string, object>, knownIds: string[]): Promise<void> {
      const memory = {
        versions: new Map(Object.entries(versions) as [string, Record<string, unknown>][]),
        knownIds,
      };
      await store().append('accounts', [], STATE, { memory });
    }

    it('keeps the latest version of each record, over a restart', async () => {
      await remember({ '1': { old: true }, '2': TWO }, []);
      await remember({ '1': ONE }, []);
      await reopen();
      const found = await store().records.versions('accounts', ['2', '3', '1']);
      assert.deepEqual(found, [TWO, undefined, ONE]);
      assert.deepEqual(await store().records.versions('contacts', ['1']), [undefined]);
    });

    it('forgets versions on a restart of the resource, but not which ids are known', async () => {
      await remember({ '1': ONE }, ['1']);
      await store().restart('accounts', STATE);
      assert.deepEqual(await store().records.versions('accounts', ['1']), [undefined]);
      const { known } = await store().records.absentSince('accounts', 1);
      assert.equal(known, 1);
    });

    it('remembers how far the search for deletions has come', async () => {
      const { records } = store();
      assert.equal(await records.readReconciliation('accounts'), undefined);
      await records.writeReconciliation('accounts', { listing: 3, at: TEN });
      await reopen();
      const found = await store().records.readReconciliation('accounts');
      assert.deepEqual(found, { listing: 3, at: TEN });
    });

    it('tells which ids no listing has shown since', async () => {
      await remember({}, ['1', '2', '3']);
      await store().records.writeReconciliation('accounts', { listing: 1, at: TEN });
      await remember({}, ['4']);
      await store().records.markPresent('accounts', ['2', '5'], 2);
      const { known, absent } = await store().records.absentSince('accounts', 2);
      assert.deepEqual([known, absent.sort()], [5, ['1', '3', '4']]);
      const since1 = await store().records.absentSince('accounts', 1);
      assert.deepEqual(since1.absent.sort(), ['1', '3']);
    });

    it('journals deletions, and forgets their records with them', async () => {
      await remember({ '1': ONE, '2': TWO }, ['1', '2']);
      const { key, message } = changeOf({ id: '1', date: TEN });
      await store().records.deleted('accounts', [{ key, message }], { ...STATE, phase: 'reading' });
      await reopen();
      assert.deepEqual(await journal(), [{ key, message }]);
      assert.equal((await store().readState('accounts'))?.phase, 'reading');
      const versions = await store().records.versions('accounts', ['1', '2']);
      assert.deepEqual(versions, [undefined, TWO]);
      assert.equal((await store().records.absentSince('accounts', 1)).known, 1);
    });
  });
}
