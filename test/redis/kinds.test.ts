import assert from 'node:assert/strict';
import { RedisServer } from '../support/redis-server';
import { changeOf, STATE } from '../unit/store/support/entries';
import { Instance } from './support/instance';

const TEN = Date.parse('2026-01-31T10:00:00Z');

/** All that a poll asks of its state, once. */
async function pollOnce(url: string, prefix: string): Promise<void> {
  const instance = new Instance({ url, prefix, owner: 'one', node: 'a{b}:c' });
  try {
    await instance.leases.open();
    for (const resource of ['accounts', 'contacts']) {
      const { store } = instance;
      const lease = instance.leases.of(resource);
      assert.equal((await lease.acquire('now')).granted, true);
      await store.startedAt(resource, TEN);
      const change = changeOf({ id: '1', date: TEN });
      const memory = { knownIds: ['1'], versions: new Map([['1', change.message.payload]]) };
      await store.append(resource, [change], { ...STATE, seenFrom: null }, { memory });
      assert.deepEqual(await store.seenVersions(resource, ['1']), [[['hash', TEN]]]);
      assert.equal((await store.readJournal(resource, 9)).length, 1);
      await store.strikeOff(resource, [change.key]);
      await store.pruneSeen(resource, TEN + 1);
      await store.records.markPresent(resource, ['2'], 1);
      await store.records.writeReconciliation(resource, { listing: 1, at: TEN });
      const { absent } = await store.records.absentSince(resource, 1);
      assert.deepEqual(absent, ['1']);
      await store.records.deleted(resource, [change], STATE);
      await store.restart(resource, STATE);
      assert.deepEqual(await store.readState(resource), STATE);
      await lease.confirm();
      await lease.settle({ nextInMs: 0, hasFailed: false });
    }
  } finally {
    await instance.close();
  }
}

async function waitUntil(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('it took too long');
  }
}

describe('The state of poll nodes on Redis', () => {
  it('lies in a cluster, each resource in one slot', async () => {
    const server = await RedisServer.start([
      ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
    ]);
    try {
      await server.ask('cluster', 'addslotsrange', 0, 16_383);
      await waitUntil(async () =>
        String(await server.ask('cluster', 'info')).includes('cluster_state:ok'),
      );
      await pollOnce(`redis+cluster://${server.host}`, 'cluster');
      const keys = (await server.ask('keys', '*')) as string[];
      const slots = new Map<string, Set<unknown>>();
      for (const key of keys) {
        const tag = /\{([^}]*)\}/.exec(key)?.[1] ?? '';
        const slot = await server.ask('cluster', 'keyslot', key);
        slots.set(tag, (slots.get(tag) ?? new Set()).add(slot));
      }
      assert.deepEqual([...slots.keys()].sort(), [
        'cluster:poll:a%7Bb%7D%3Ac:accounts',
        'cluster:poll:a%7Bb%7D%3Ac:contacts',
      ]);
      for (const found of slots.values()) assert.equal(found.size, 1);
    } finally {
      await server.stop();
    }
  });

  it('is found through a sentinel', async () => {
    const server = await RedisServer.start();
    const monitored = `sentinel monitor the-master 127.0.0.1 ${server.port} 1`;
    const sentinel = await RedisServer.startSentinel(monitored);
    try {
      await pollOnce(`redis+sentinel://${sentinel.host}/the-master`, 'sentinel');
      const kept = (await server.ask('keys', '{sentinel:*')) as string[];
      assert.ok(kept.length > 0);
    } finally {
      await sentinel.stop();
      await server.stop();
    }
  });

  it('is kept behind a user name and a password, and tells when they are wrong', async () => {
    const server = await RedisServer.start();
    try {
      await server.ask('acl', 'setuser', 'poller', 'on', '>s3cr3t', '~*', '+@all');
      const url = (password: string): string => `redis://poller:${password}@${server.host}`;
      await pollOnce(url('s3cr3t'), 'user');
      await assert.rejects(pollOnce(url('wr0ng'), 'user'), (error: unknown) => {
        assert.ok(error instanceof Error && 'code' in error);
        assert.equal(error.code, 'REDIS_UNAVAILABLE');
        assert.match(error.message, /WRONGPASS.*check the user name/s);
        assert.ok(!JSON.stringify(error).includes('wr0ng'));
        return true;
      });
    } finally {
      await server.stop();
    }
  });
});
