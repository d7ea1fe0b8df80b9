import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { EarlyAcknowledgements } from '../../../src/poll/commit/early-acknowledgements';
import { CommitOnAcknowledgement } from '../../../src/poll/commit/on-acknowledgement';
import { CommitOnEmission } from '../../../src/poll/commit/on-emission';
import { drainJournal } from '../../../src/poll/commit/drain';
import { SOLE_LEASE } from '../../../src/poll/lease';
import type { Emit } from '../../../src/poll/commit/commit';
import { LevelPollStore } from '../../../src/store/level-poll-store';
import { ManualClock } from '../../support/manual-clock';
import { changeOf, STATE } from '../store/support/entries';

const TEN = Date.parse('2026-01-31T10:00:00Z');

describe('draining the journal', () => {
  let folder: string;
  let store: LevelPollStore;
  const emitted: string[] = [];

  const emit: Emit = ({ event }) => {
    emitted.push(event.objectId);
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-drain-'));
    store = await LevelPollStore.open(folder);
    emitted.length = 0;
  });

  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  async function journal(count: number, first = 1): Promise<void> {
    const ids = Array.from({ length: count }, (_, index) => String(first + index));
    const changes = ids.map((id) => changeOf({ id, date: TEN + Number(id) }));
    await store.append('accounts', changes, STATE);
  }

  function acknowledging(maxInFlight = 1000): CommitOnAcknowledgement {
    return new CommitOnAcknowledgement({
      ...{ store, emit, maxInFlight, clock: new ManualClock(), redeliverAfterMs: 0 },
      early: new EarlyAcknowledgements(maxInFlight),
      onRoom: () => undefined,
    });
  }

  function drain(commit: CommitOnEmission | CommitOnAcknowledgement): Promise<boolean> {
    const { signal } = new AbortController();
    return drainJournal(
      { store, commit, lease: SOLE_LEASE, resource: 'accounts' },
      signal,
      () => undefined,
    );
  }

  function onEmission(delivered = (): Promise<void> => Promise.resolve()): CommitOnEmission {
    return new CommitOnEmission(store, emit, delivered);
  }

  it('emits all of a long journal, each event once and in order', async () => {
    await journal(450);
    assert.equal(await drain(onEmission()), true);
    assert.deepEqual(
      emitted,
      Array.from({ length: 450 }, (_, index) => String(index + 1)),
    );
    assert.deepEqual(await store.readJournal('accounts', 1), []);
  });

  it('keeps what is not acknowledged, and hands over only what is new the next time', async () => {
    await journal(250);
    const commit = acknowledging();
    await drain(commit);
    await journal(3, 1001);
    await drain(commit);
    assert.equal(emitted.length, 253);
    assert.equal((await store.readJournal('accounts', 999)).length, 253);
  });

  it('does not hand over again what is acknowledged while the journal is being read', async () => {
    await journal(2);
    const commit = acknowledging();
    await drain(commit);
    const read = store.readJournal.bind(store);
    store.readJournal = async (...question) => {
      const answer = await read(...question);
      await commit.acknowledge(['event-1-hash']);
      return answer;
    };
    await drain(commit);
    assert.deepEqual(emitted, ['1', '2']);
    assert.equal(commit.unacknowledged, 1);
  });

  it('keeps a slice in the journal when the node closes before it has arrived', async () => {
    await journal(250);
    const closing = new AbortController();
    const commit = onEmission(() => {
      closing.abort(new Error('closing'));
      return Promise.resolve();
    });
    const options = { store, commit, lease: SOLE_LEASE, resource: 'accounts' };
    await assert.rejects(
      drainJournal(options, closing.signal, () => undefined),
      /closing/,
    );
    assert.equal(emitted.length, 100);
    assert.equal((await store.readJournal('accounts', 999)).length, 250);
  });

  it('emits nothing when the node closes while the journal is being read', async () => {
    await journal(3);
    const closing = new AbortController();
    const read = store.readJournal.bind(store);
    store.readJournal = async (...question) => {
      const answer = await read(...question);
      closing.abort(new Error('closing'));
      return answer;
    };
    const options = { store, commit: onEmission(), lease: SOLE_LEASE, resource: 'accounts' };
    await assert.rejects(
      drainJournal(options, closing.signal, () => undefined),
      /closing/,
    );
    assert.deepEqual(emitted, []);
  });

  it('emits no slice after another instance has taken over', async () => {
    await journal(250);
    let confirmed = 0;
    const lease = {
      confirm: (): Promise<void> => {
        confirmed += 1;
        return confirmed > 1 ? Promise.reject(new Error('taken over')) : Promise.resolve();
      },
    };
    const { signal } = new AbortController();
    const options = { store, commit: onEmission(), lease, resource: 'accounts' };
    await assert.rejects(
      drainJournal(options, signal, () => undefined),
      /taken over/,
    );
    assert.equal(emitted.length, 100);
    assert.equal((await store.readJournal('accounts', 999)).length, 150);
  });

  it('keeps events in flight when their acknowledgement cannot be written', async () => {
    await journal(1);
    const commit = acknowledging();
    await drain(commit);
    const strikeOff = store.strikeOff.bind(store);
    store.strikeOff = () => Promise.reject(new Error('disk full'));
    await assert.rejects(commit.acknowledge(['event-1-hash']), /disk full/);
    assert.equal(commit.unacknowledged, 1);
    store.strikeOff = strikeOff;
    await commit.acknowledge(['event-1-hash']);
    assert.equal(commit.unacknowledged, 0);
    assert.deepEqual(await store.readJournal('accounts', 1), []);
  });
});
