import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CrmRecord } from '../../../src/event/event';
import { ChangeDetector } from '../../../src/poll/change-detector';
import { pollDateAt } from '../../../src/poll/changes';
import { initialState } from '../../../src/poll/window';
import { LevelPollStore } from '../../../src/store/level-poll-store';
import type { Change } from '../../../src/store/poll-store';
import { accounts, at, candidate, record, stamp } from './support/candidates';

const STATE = initialState({ from: 'all' });

describe('ChangeDetector', () => {
  let folder: string;
  let store: LevelPollStore;
  let detector: ChangeDetector;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-detector-'));
    store = await LevelPollStore.open(folder);
    detector = newPoll();
  });

  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  function newPoll(raw = {}): ChangeDetector {
    const resource = accounts(raw);
    return new ChangeDetector(store, {
      resource,
      instanceName: 'main',
      tags: [],
      pollDate: pollDateAt(at('11:00:00')),
    });
  }

  function detect(rows: CrmRecord[]): Promise<Change[]> {
    return detector.detect(rows.map((row) => candidate(row)));
  }

  async function found(rows: CrmRecord[]): Promise<string[]> {
    const changes = await detect(rows);
    return changes.map(({ message: { event } }) => `${event.eventType} ${event.objectId}`);
  }

  async function takeOver(rows: CrmRecord[]): Promise<void> {
    await store.append('accounts', await detect(rows), STATE);
  }

  const one = record('1', stamp('10:00:00'));
  const two = record('2', stamp('10:00:00'));

  it('finds what it has never seen', async () => {
    assert.deepEqual(await found([one, two]), ['CREATED 1', 'CREATED 2']);
    assert.deepEqual(await found([]), []);
  });

  it('leaves out what was taken over before, in exactly this version', async () => {
    await takeOver([one]);
    assert.deepEqual(await found([one, two]), ['CREATED 2']);
    const edited = { ...one, Comp_Name: 'Edited' };
    assert.deepEqual(await found([edited]), ['UPDATED 1']);
  });

  it('finds a version whose date moved back, and a second edit in one second', async () => {
    await takeOver([one]);
    assert.deepEqual(await found([record('1', stamp('09:59:00'))]), ['UPDATED 1']);
    await takeOver([{ ...one, Comp_Name: 'Two' }]);
    assert.deepEqual(await found([{ ...one, Comp_Name: 'Three' }]), ['UPDATED 1']);
  });

  it('finds nothing new in the order of columns or in what describes the answer', async () => {
    await takeOver([one]);
    const backwards = Object.fromEntries(Object.entries(one).reverse());
    assert.deepEqual(await found([{ ...backwards, $url: 'https://crm/43' }]), []);
  });

  it('leaves it out whether or not the journal still holds it', async () => {
    const changes = await detect([one]);
    await store.append('accounts', changes, STATE);
    assert.deepEqual(await found([one, two]), ['CREATED 2']);
    await store.strikeOff(
      'accounts',
      changes.map(({ key }) => key),
    );
    assert.deepEqual(await found([one, two]), ['CREATED 2']);
  });

  it('finds a record once that a page shows twice', async () => {
    assert.deepEqual(await found([one, one]), ['CREATED 1']);
  });

  describe('takes an edit for an update when the creation was taken over', () => {
    const edited = record('1', stamp('10:00:05'), stamp('10:00:00'));

    it('in another poll', async () => {
      await takeOver([one]);
      detector = newPoll();
      assert.deepEqual(await found([edited]), ['UPDATED 1']);
    });

    it('on the same page', async () => {
      assert.deepEqual(await found([one, edited]), ['CREATED 1', 'UPDATED 1']);
    });

    it('but not when the creation was never seen: its dates say that it is new', async () => {
      assert.deepEqual(await found([edited]), ['CREATED 1']);
    });
  });

  it('tells what an update changed where the resource asks for it', async () => {
    detector = newPoll({ changes: true });
    const before = { ...one, Comp_Name: 'Before' };
    const entries = await detect([before]);
    const memory = detector.memoryOf(entries);
    await store.append('accounts', entries, STATE, memory && { memory });
    const [entry] = await detect([{ ...before, Comp_Name: 'After' }]);
    assert.deepEqual(entry?.message.event.changes, {
      Comp_Name: { from: 'Before', to: 'After' },
    });
    assert.equal(entries[0]?.message.event.changes, undefined);
  });
});
