import assert from 'node:assert/strict';
import { SageCrmError, type ErrorCode } from '../../src/errors/sagecrm-error';
import { pollKeys, type PollKeys } from '../../src/redis/poll-keys';
import { STATE_SCHEMA } from '../../src/store/poll-store';
import { RedisServer } from '../support/redis-server';
import { changeOf, STATE } from '../unit/store/support/entries';
import { behavesAsTheModel } from '../unit/store/support/model-suite';
import { itIsAPollStore } from '../unit/store/support/poll-store-suite';
import { Instance } from './support/instance';

const TEN = Date.parse('2026-01-31T10:00:00Z');
const RESOURCES = ['accounts', 'contacts', 'account', 'accounts2'];

function is(code: ErrorCode, resource = 'accounts'): (error: unknown) => boolean {
  return (error) =>
    error instanceof SageCrmError && error.code === code && error.details.resource === resource;
}

describe('RedisPollStore', () => {
  let server: RedisServer;
  let instance: Instance;
  let prefix: string;
  let count = 0;

  before(async () => {
    server = await RedisServer.start({ isForgetful: true });
  });

  after(() => server.stop());

  async function begin(owner = 'one', mostVersions?: number): Promise<Instance> {
    const options = { url: server.url, prefix, owner };
    const begun = new Instance({ ...options, ...(mostVersions && { mostVersions }) });
    for (const resource of RESOURCES) await begun.leases.of(resource).acquire('now');
    return begun;
  }

  async function reopen(): Promise<void> {
    await instance.close();
    instance = await begin(`again ${(count += 1)}`);
  }

  function key(part: keyof PollKeys): string {
    return pollKeys(prefix, 'node', 'accounts')[part];
  }

  beforeEach(async () => {
    prefix = `store${(count += 1)}`;
    instance = await begin();
  });

  afterEach(() => instance.close());

  itIsAPollStore({ store: () => instance.store, reopen });

  it('behaves like a model in memory through any sequence of writes and restarts', async () => {
    await behavesAsTheModel(async () => {
      prefix = `model${(count += 1)}`;
      const first = await begin();
      const rest = [first];
      return {
        store: {
          ...withoutClose(first),
          close: async () => {
            await Promise.all(rest.map((each) => each.close()));
          },
        },
        reopen: async () => {
          const next = await begin(`again ${(count += 1)}`);
          return { ...withoutClose(next), close: () => next.close() };
        },
      };
    }, 25);
  });

  it('takes a batch of thousands', async () => {
    const changes = Array.from({ length: 5000 }, (_, id) =>
      changeOf({ id: String(id), date: TEN }),
    );
    await instance.store.append('accounts', changes, STATE);
    assert.equal((await instance.store.readJournal('accounts', 9999)).length, 5000);
    await instance.store.strikeOff(
      'accounts',
      changes.map((change) => change.key),
    );
    assert.deepEqual(await instance.store.readJournal('accounts', 1), []);
  });

  it('keeps the latest versions only, up to a number', async () => {
    await instance.leases.close();
    const small = await begin('small', 3);
    const memoryOf = (...ids: string[]) => ({
      memory: { knownIds: [], versions: new Map(ids.map((id) => [id, { id }])) },
    });
    await small.store.append('accounts', [], STATE, memoryOf('1', '2', '3'));
    await small.store.append('accounts', [], STATE, memoryOf('1'));
    await small.store.append('accounts', [], STATE, memoryOf('4'));
    const versions = await small.store.records.versions('accounts', ['1', '2', '3', '4']);
    assert.deepEqual(versions, [{ id: '1' }, undefined, { id: '3' }, { id: '4' }]);
    await small.close();
  });

  it('counts an append under way when it looks up what was seen', async () => {
    const change = changeOf({ id: '1', date: TEN });
    const landing = instance.store.append('accounts', [change], STATE);
    const seen = await instance.store.seenVersions('accounts', ['1']);
    await landing;
    assert.deepEqual(seen, [[['hash', TEN]]]);
  });

  it('lets nobody write who has not the latest token', async () => {
    const [change] = [changeOf({ id: '1', date: TEN })];
    await instance.store.append('accounts', [change], STATE);
    await instance.leases.of('accounts').settle({ nextInMs: 0, hasFailed: false });
    const other = await begin('other');
    const { store } = instance;
    const next = { ...STATE, cursor: TEN + 1 };
    const memory = { knownIds: ['9'], versions: new Map([['9', {}]]) };
    for (const write of [
      () => store.append('accounts', [changeOf({ id: '2', date: TEN })], next, { memory }),
      () => store.strikeOff('accounts', [change.key]),
      () => store.restart('accounts', next),
      () => store.startedAt('accounts', TEN),
      () => store.records.markPresent('accounts', ['1'], 7),
      () => store.records.writeReconciliation('accounts', { listing: 7, at: TEN }),
      () => store.records.deleted('accounts', [change], next),
    ]) {
      await assert.rejects(write, is('LEASE_LOST'));
    }
    await other.store.append('accounts', [changeOf({ id: '3', hash: 'old', date: 1 })], {
      ...STATE,
      seenFrom: null,
    });
    await assert.rejects(store.pruneSeen('accounts', TEN), is('LEASE_LOST'));
    const ids = (await other.store.readJournal('accounts', 9)).map(({ message }) => message.event);
    assert.deepEqual(ids.map(({ objectId }) => objectId).sort(), ['1', '3']);
    assert.equal((await other.store.readState('accounts'))?.cursor, STATE.cursor);
    assert.equal(await other.store.records.readReconciliation('accounts'), undefined);
    assert.deepEqual(await other.store.records.versions('accounts', ['9']), [undefined]);
    await other.close();
  });

  describe('tells state that cannot be understood', () => {
    for (const [what, value] of [
      ['an empty value', ''],
      ['no JSON', '{"schema":1,"cur'],
      ['a newer schema', JSON.stringify({ ...STATE, schema: STATE_SCHEMA + 1 })],
      ['an unknown field', JSON.stringify({ ...STATE, more: 1 })],
    ] as const) {
      it(`of one resource: ${what}`, async () => {
        await server.ask('hset', key('meta'), 'state', value);
        await assert.rejects(instance.store.readState('accounts'), is('STATE_CORRUPT'));
        await instance.store.restart('accounts', STATE);
        assert.deepEqual(await instance.store.readState('accounts'), STATE);
      });
    }

    it('in the journal, also where a message is gone', async () => {
      const change = changeOf({ id: '1', date: TEN });
      await instance.store.append('accounts', [change], STATE);
      await server.ask('hset', key('events'), change.key, '{"event"');
      await assert.rejects(instance.store.readJournal('accounts', 1), is('STATE_CORRUPT'));
      await server.ask('hdel', key('events'), change.key);
      await assert.rejects(instance.store.readJournal('accounts', 1), is('STATE_CORRUPT'));
    });

    it('in the seen set, also when it is pruned', async () => {
      await instance.store.append('accounts', [changeOf({ id: '1', date: TEN })], STATE);
      await server.ask('hset', key('seen'), '1', '[["hash"]]');
      await assert.rejects(instance.store.seenVersions('accounts', ['1']), is('STATE_CORRUPT'));
      await assert.rejects(instance.store.pruneSeen('accounts', TEN + 1), is('STATE_CORRUPT'));
    });

    it('when it is gone under a running instance, so that it is no new start', async () => {
      await instance.store.append('accounts', [], STATE);
      await server.ask('del', key('meta'));
      await assert.rejects(instance.store.readState('accounts'), is('STATE_CORRUPT'));
    });
  });
});

function withoutClose({ store }: Instance) {
  return {
    records: store.records,
    readState: store.readState.bind(store),
    startedAt: store.startedAt.bind(store),
    seenVersions: store.seenVersions.bind(store),
    append: store.append.bind(store),
    readJournal: store.readJournal.bind(store),
    strikeOff: store.strikeOff.bind(store),
    pruneSeen: store.pruneSeen.bind(store),
    restart: store.restart.bind(store),
    rest: store.rest.bind(store),
  };
}
