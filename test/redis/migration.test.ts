import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SageCrmError, type ErrorCode } from '../../src/errors/sagecrm-error';
import { LevelPollStore } from '../../src/store/level-poll-store';
import type { StoreKind } from '../../src/store/migration/movable';
import { moveState } from '../../src/store/migration/move-state';
import { pollState, type MovablePoll, type MovedPoll } from '../../src/store/migration/poll-state';
import type { PollStore } from '../../src/store/poll-store';
import { RedisServer } from '../support/redis-server';
import { changeOf, STATE } from '../unit/store/support/entries';
import { behavesAsTheModel } from '../unit/store/support/model-suite';
import { Instance } from './support/instance';

const TEN = Date.parse('2026-01-31T10:00:00Z');
const RESOURCES = ['accounts', 'accounts2'];

type Movables = Record<StoreKind, MovablePoll>;

function is(code: ErrorCode): (error: unknown) => boolean {
  return (error) =>
    error instanceof SageCrmError && error.code === code && error.details.resource === 'accounts';
}

describe('Moving the state of a poll node', () => {
  let server: RedisServer;
  let folder: string;
  let embedded: LevelPollStore;
  let redis: Instance;
  let prefix: string;
  let count = 0;

  before(async () => {
    server = await RedisServer.start({ isForgetful: true });
  });

  after(() => server.stop());

  beforeEach(begin);

  afterEach(end);

  async function begin(): Promise<void> {
    prefix = `move${(count += 1)}`;
    folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-move-'));
    embedded = await LevelPollStore.open(folder);
    redis = await openRedis();
  }

  async function end(): Promise<void> {
    await embedded.close();
    await redis.close();
    await rm(folder, { recursive: true });
  }

  async function openRedis(): Promise<Instance> {
    const opened = new Instance({ url: server.url, prefix, owner: `owner ${(count += 1)}` });
    for (const resource of RESOURCES) await opened.leases.of(resource).acquire('now');
    return opened;
  }

  /** As after a crash: both ends know only what they have written. */
  async function reopen(): Promise<void> {
    await embedded.close();
    await redis.close();
    embedded = await LevelPollStore.open(folder);
    redis = await openRedis();
  }

  function ends(resource = 'accounts'): Movables {
    return { embedded: embedded.movable(resource), redis: redis.store.movable(resource) };
  }

  function storeOf(kind: StoreKind): PollStore {
    return kind === 'redis' ? redis.store : embedded;
  }

  function move(
    kind: StoreKind,
    { resource = 'accounts', movables = ends(resource) } = {},
  ): Promise<MovedPoll | undefined> {
    return moveState(pollState(resource), {
      ...{ kind, from: movables[kind], to: movables[other(kind)] },
      id: `move ${(count += 1)}`,
      durable: () => Promise.resolve(),
    });
  }

  async function fill(store: PollStore, size = 250): Promise<string[]> {
    const ids = Array.from({ length: size }, (_, id) => `id ${id}`);
    const changes = ids.map((id) => changeOf({ id, date: TEN }));
    const versions = new Map(ids.toReversed().map((id) => [id, { id, name: 'Žižka' }]));
    const memory = { versions, knownIds: ids };
    await store.startedAt('accounts', TEN);
    await store.append('accounts', changes, STATE, { memory });
    await store.records.markPresent('accounts', ids.slice(1), 7);
    await store.records.writeReconciliation('accounts', { listing: 7, at: TEN });
    const journal = await store.readJournal('accounts', size);
    await store.strikeOff(
      'accounts',
      journal.slice(0, 42).map(({ key }) => key),
    );
    return ids;
  }

  async function viewOf(store: PollStore, ids: readonly string[]): Promise<object> {
    return {
      state: await store.readState('accounts'),
      begun: await store.startedAt('accounts', 1),
      journal: await store.readJournal('accounts', 99_999),
      seen: await store.seenVersions('accounts', ids),
      versions: await store.records.versions('accounts', ids),
      reconciliation: await store.records.readReconciliation('accounts'),
      absent: await store.records.absentSince('accounts', 7),
    };
  }

  for (const kind of ['embedded', 'redis'] as const) {
    describe(`from ${kind}`, () => {
      it('brings all there is, also of a block that is partly struck off', async () => {
        const ids = await fill(storeOf(kind));
        const before = await viewOf(storeOf(kind), ids);
        const moved = await move(kind);
        const counts = { events: 208, seen: 250, versions: 250, known: 250 };
        assert.deepEqual(moved, { resource: 'accounts', ...counts });
        await reopen();
        assert.deepEqual(await viewOf(storeOf(other(kind)), ids), before);
      });

      it('keeps the versions in the order of their ages', async () => {
        await fill(storeOf(kind), 3);
        await move(kind);
        const order = [];
        for await (const { versions = [] } of ends()[other(kind)].slices()) {
          order.push(...versions.map(([id]) => id));
        }
        assert.deepEqual(order, ['id 2', 'id 1', 'id 0']);
      });

      it('refuses to go on in the store that was left, until it comes back', async () => {
        const ids = await fill(storeOf(kind));
        const before = await viewOf(storeOf(kind), ids);
        await move(kind);
        await reopen();
        await assert.rejects(storeOf(kind).readState('accounts'), is('STATE_MOVED'));
        await move(other(kind));
        await reopen();
        assert.deepEqual(await viewOf(storeOf(kind), ids), before);
        await assert.rejects(storeOf(other(kind)).readState('accounts'), is('STATE_MOVED'));
      });

      it('starts over with a replay where it was left', async () => {
        await fill(storeOf(kind));
        await move(kind);
        await storeOf(kind).restart('accounts', STATE);
        assert.deepEqual(await storeOf(kind).readState('accounts'), STATE);
      });

      it('changes nothing where the other store has a state of its own', async () => {
        const ids = await fill(storeOf(kind));
        await storeOf(other(kind)).append('accounts', [], { ...STATE, cursor: TEN + 1 });
        const before = await viewOf(storeOf(kind), ids);
        await assert.rejects(move(kind), is('STATE_PRESENT'));
        assert.deepEqual(await viewOf(storeOf(kind), ids), before);
        assert.equal((await storeOf(other(kind)).readState('accounts'))?.cursor, TEN + 1);
      });

      it('moves nothing twice, and nothing where nothing is', async () => {
        assert.equal(await move(kind), undefined);
        await fill(storeOf(kind));
        await move(kind);
        assert.equal(await move(kind), undefined);
        assert.equal(await move(kind, { resource: 'accounts2' }), undefined);
      });

      it('takes along when a start from now began', async () => {
        await storeOf(kind).startedAt('accounts', TEN);
        await move(kind);
        assert.equal(await storeOf(other(kind)).readState('accounts'), undefined);
        assert.equal(await storeOf(other(kind)).startedAt('accounts', TEN + 1), TEN);
      });

      it('leaves what is damaged where it is', async () => {
        await fill(storeOf(kind));
        await storeOf(kind).append('accounts', [], Object.assign({ ...STATE }, { schema: 99 }));
        await assert.rejects(move(kind), is('STATE_CORRUPT'));
        assert.equal(await storeOf(other(kind)).readState('accounts'), undefined);
      });

      it('survives a crash after any step', async () => {
        let steps = 1;
        for (let isWhole = false; !isWhole; steps += 1) {
          await end();
          await begin();
          const ids = await fill(storeOf(kind), 600);
          const before = await viewOf(storeOf(kind), ids);
          try {
            await move(kind, { movables: breakingAfter(steps, ends()) });
            isWhole = true;
          } catch (error) {
            if (!(error instanceof Crash)) throw error;
          }
          await reopen();
          const usable = [await canPoll(embedded), await canPoll(redis.store)];
          assert.ok(!usable.every(Boolean), `after ${steps} steps`);
          await move(kind);
          assert.deepEqual(await viewOf(storeOf(other(kind)), ids), before);
          await assert.rejects(storeOf(kind).readState('accounts'), is('STATE_MOVED'));
        }
        assert.ok(steps > 8, `${steps} steps`);
      });

      it('comes back after a crash before the last step', async () => {
        const ids = await fill(storeOf(kind));
        const before = await viewOf(storeOf(kind), ids);
        const movables = ends();
        const stuck = movables[other(kind)];
        stuck.enter = () => Promise.reject(new Crash());
        await assert.rejects(move(kind, { movables }), Crash);
        await reopen();
        await move(other(kind));
        assert.deepEqual(await viewOf(storeOf(kind), ids), before);
      });
    });
  }

  it('tells that a copy has not come to its end', async () => {
    await fill(embedded);
    const movables = ends();
    movables.embedded.leave = () => Promise.reject(new Crash());
    await assert.rejects(move('embedded', { movables }), Crash);
    await assert.rejects(redis.store.readState('accounts'), is('STATE_ELSEWHERE'));
    assert.deepEqual(await embedded.readState('accounts'), STATE);
  });

  it('lets the source go on after a crash, and takes what came since', async () => {
    await fill(embedded);
    const movables = ends();
    movables.embedded.leave = () => Promise.reject(new Crash());
    await assert.rejects(move('embedded', { movables }), Crash);
    await embedded.append('accounts', [changeOf({ id: 'later', date: TEN })], STATE);
    await move('embedded');
    assert.deepEqual(await redis.store.seenVersions('accounts', ['later']), [[['hash', TEN]]]);
  });

  it('is refused by Redis once another instance has taken over', async () => {
    await fill(redis.store);
    await redis.leases.of('accounts').settle({ nextInMs: 0, hasFailed: false });
    const taker = await openRedis();
    await assert.rejects(move('redis'), is('LEASE_LOST'));
    await taker.close();
    await assert.rejects(embedded.readState('accounts'), is('STATE_ELSEWHERE'));
  });

  it('tells when Redis has lost what was moved there', async () => {
    await fill(embedded);
    await move('embedded');
    await server.ask('flushall');
    await reopen();
    await assert.rejects(move('embedded'), is('STATE_MOVED'));
  });

  it('changes nothing that a poll would see, whatever was written and however often it is moved', async () => {
    await behavesAsTheModel(async () => {
      await end();
      await begin();
      let kind: StoreKind = 'embedded';
      return {
        store: keptOpen(embedded),
        reopen: async () => {
          for (const resource of RESOURCES) await move(kind, { resource });
          kind = other(kind);
          await reopen();
          return keptOpen(storeOf(kind));
        },
      };
    }, 25);
  });
});

class Crash extends Error {}

/** Ends of which both fail from a number of writes on, as if the process had been killed. */
function breakingAfter(steps: number, { embedded, redis }: Movables): Movables {
  let left = steps;
  const step = async (run: () => Promise<void>): Promise<void> => {
    left -= 1;
    if (left < 0) throw new Crash();
    await run();
  };
  const breaking = (end: MovablePoll): MovablePoll => ({
    move: () => end.move(),
    head: () => end.head(),
    slices: () => end.slices(),
    begin: (...args) => step(() => end.begin(...args)),
    take: (...args) => step(() => end.take(...args)),
    complete: (...args) => step(() => end.complete(...args)),
    leave: (...args) => step(() => end.leave(...args)),
    enter: (...args) => step(() => end.enter(...args)),
  });
  return { embedded: breaking(embedded), redis: breaking(redis) };
}

async function canPoll(store: PollStore): Promise<boolean> {
  const state = await store.readState('accounts').catch(() => undefined);
  return state !== undefined;
}

/** The test itself closes what it has opened. */
function keptOpen(store: PollStore): PollStore {
  return Object.create(store, { close: { value: () => Promise.resolve() } }) as PollStore;
}

function other(kind: StoreKind): StoreKind {
  return kind === 'redis' ? 'embedded' : 'redis';
}
