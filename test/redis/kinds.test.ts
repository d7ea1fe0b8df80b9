import assert from 'node:assert/strict';
import { RedisServer } from '../support/redis-server';
import { startCluster } from './support/kinds';
import { pollOnce } from './support/poll-once';

describe('The state of poll nodes on Redis', () => {
  it('lies in a cluster, the node and each resource in one slot', async () => {
    const server = await startCluster();
    try {
      await pollOnce(`redis+cluster://${server.host}`, 'cluster');
      const keys = (await server.ask('keys', '*')) as string[];
      const slots = new Map<string, Set<unknown>>();
      for (const key of keys) {
        const tag = /\{([^}]*)\}/.exec(key)?.[1] ?? '';
        const slot = await server.ask('cluster', 'keyslot', key);
        slots.set(tag, (slots.get(tag) ?? new Set()).add(slot));
      }
      assert.deepEqual([...slots.keys()].sort(), [
        'cluster:poll:a%7Bb%7D%3Ac',
        'cluster:poll:a%7Bb%7D%3Ac:accounts',
        'cluster:poll:a%7Bb%7D%3Ac:contacts',
      ]);
      for (const found of slots.values()) assert.equal(found.size, 1);
    } finally {
      await server.stop();
    }
  });

  it('is found through a sentinel', async () => {
    const server = await RedisServer.start({ isForgetful: true });
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
    const server = await RedisServer.start({ isForgetful: true });
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
