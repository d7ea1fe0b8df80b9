import assert from 'node:assert/strict';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import type { Grant } from '../../src/poll/lease';
import { ManualClock } from '../support/manual-clock';
import { RedisServer } from '../support/redis-server';
import { until } from '../support/until';
import { pollKeys } from '../../src/redis/poll-keys';
import { Instance, type InstanceOptions } from './support/instance';

const LEASE_MS = 30_000;
const RESOURCE = 'accounts';
const DONE = { nextInMs: 60_000, hasFailed: false };

function isLost(error: unknown): boolean {
  return error instanceof SageCrmError && error.code === 'LEASE_LOST';
}

/** Redis's own clock cannot be moved, so what is kept by it is set back. */
describe('A poll lease on Redis', () => {
  let server: RedisServer;
  let prefix: string;
  let clock: ManualClock;
  let instances: Instance[];
  let count = 0;

  before(async () => {
    server = await RedisServer.start({ isForgetful: true });
  });

  after(() => server.stop());

  beforeEach(() => {
    prefix = `lease${(count += 1)}`;
    clock = new ManualClock();
    instances = [];
  });

  afterEach(async () => {
    for (const instance of instances) await instance.close();
  });

  async function join(owner: string, options: Partial<InstanceOptions> = {}): Promise<Instance> {
    const instance = new Instance({
      ...{ url: server.url, prefix, owner, clock, resources: [RESOURCE], leaseMs: LEASE_MS },
      ...options,
    });
    instances.push(instance);
    await instance.leases.open();
    return instance;
  }

  function key(): string {
    return pollKeys(prefix, 'node', RESOURCE).lease;
  }

  /** As if so much time had passed for Redis. */
  async function elapse(ms: number): Promise<void> {
    for (const field of ['until', 'due']) {
      const at = Number(await server.ask('hget', key(), field));
      if (at > 0) await server.ask('hset', key(), field, at - ms);
    }
  }

  it('is granted to one, and to others once it is settled and they ask for it', async () => {
    const [one, two] = [await join('one'), await join('two')];
    assert.deepEqual(await one.leases.of(RESOURCE).acquire('now'), {
      granted: true,
      isContinued: false,
    });
    const refused = await two.leases.of(RESOURCE).acquire('now');
    assert.deepEqual(refused, { granted: false, holder: 'one', retryInMs: LEASE_MS / 2 });
    await one.leases.of(RESOURCE).settle(DONE);
    assert.equal((await two.leases.of(RESOURCE).acquire('now')).granted, true);
  });

  it('tells whether anybody else has polled since', async () => {
    const [one, two] = [await join('one'), await join('two')];
    const ask = async (instance: Instance): Promise<Grant> => {
      const grant = await instance.leases.of(RESOURCE).acquire('now');
      await instance.leases.of(RESOURCE).settle(DONE);
      return grant;
    };
    await ask(one);
    assert.deepEqual(await ask(one), { granted: true, isContinued: true });
    assert.deepEqual(await ask(two), { granted: true, isContinued: false });
    assert.deepEqual(await ask(one), { granted: true, isContinued: false });
  });

  it('has another token each time, so that a late write of an earlier poll is refused', async () => {
    const one = await join('one');
    const lease = one.leases.of(RESOURCE);
    await lease.acquire('now');
    const { token } = lease.fence;
    await lease.acquire('now');
    assert.ok(lease.fence.token > token);
  });

  it('is taken over when it has run out, and the one before can do nothing with it', async () => {
    const [one, two] = [await join('one'), await join('two')];
    await one.leases.of(RESOURCE).acquire('now');
    await elapse(LEASE_MS + 1);
    assert.equal((await two.leases.of(RESOURCE).acquire('due')).granted, true);
    await clock.advance(LEASE_MS + 1);
    await assert.rejects(one.leases.of(RESOURCE).confirm(), isLost);
    await assert.rejects(one.leases.of(RESOURCE).settle(DONE), isLost);
    assert.equal((await two.leases.of(RESOURCE).acquire('now')).granted, true);
  });

  it('that has run out still stands while nobody has taken over', async () => {
    const one = await join('one');
    await one.leases.of(RESOURCE).acquire('now');
    await elapse(LEASE_MS + 1);
    await clock.advance(LEASE_MS + 1);
    await one.leases.of(RESOURCE).confirm();
  });

  it('is renewed while a poll lasts, three times in its time', async () => {
    const one = await join('one');
    await one.leases.of(RESOURCE).acquire('now');
    await elapse(LEASE_MS - 1000);
    const endsAt = async (): Promise<number> => Number(await server.ask('hget', key(), 'until'));
    const before = await endsAt();
    await clock.advance(LEASE_MS / 3);
    // The renewal was sent before this question, on another connection: it may take a moment.
    await until('the lease is renewed', async () => (await endsAt()) !== before);
    assert.ok((await endsAt()) > before);
  });

  it('is kept while the flow holds events of the resource', async () => {
    let isInFlight = true;
    const one = await join('one', { isInFlight: () => isInFlight });
    const two = await join('two');
    await one.leases.of(RESOURCE).acquire('now');
    await one.leases.of(RESOURCE).settle(DONE);
    assert.equal((await two.leases.of(RESOURCE).acquire('now')).granted, false);
    isInFlight = false;
    await one.leases.of(RESOURCE).acquire('now');
    await one.leases.of(RESOURCE).settle(DONE);
    assert.equal((await two.leases.of(RESOURCE).acquire('now')).granted, true);
  });

  it('is given back soon after the flow has acknowledged the last event', async () => {
    let isInFlight = true;
    const one = await join('one', { isInFlight: () => isInFlight });
    const two = await join('two');
    await one.leases.of(RESOURCE).acquire('now');
    await one.leases.of(RESOURCE).settle(DONE);
    isInFlight = false;
    await clock.advance(LEASE_MS / 3);
    await until('it is given back', async () => {
      return (await server.ask('hget', key(), 'until')) === '0';
    });
    assert.equal((await two.leases.of(RESOURCE).acquire('now')).granted, true);
  });

  it('is given back when an instance ends in the middle of a poll', async () => {
    const [one, two] = [await join('one'), await join('two')];
    await one.leases.of(RESOURCE).acquire('now');
    await one.leases.close();
    assert.equal((await two.leases.of(RESOURCE).acquire('now')).granted, true);
  });

  describe('is granted in time', () => {
    /** The one that goes first, and the other. */
    async function pair(): Promise<[Instance, Instance]> {
      const names = ['one', 'two'];
      const joined: Instance[] = [];
      for (const name of names) joined.push(await join(name));
      // Each knows of the other after its next sign of life.
      for (const instance of joined) await instance.leases.open();
      const [one, two] = joined;
      assert.ok(one !== undefined && two !== undefined);
      await one.leases.of(RESOURCE).acquire('now');
      await one.leases.of(RESOURCE).settle({ nextInMs: 0, hasFailed: false });
      const isFirst = (await one.leases.of(RESOURCE).acquire('due')).granted;
      if (isFirst) await one.leases.of(RESOURCE).settle(DONE);
      return isFirst ? [one, two] : [two, one];
    }

    it('to whoever goes first, and to another only a lease later', async () => {
      const [first, second] = await pair();
      await first.leases.of(RESOURCE).acquire('now');
      await first.leases.of(RESOURCE).settle({ nextInMs: 60_000, hasFailed: false });
      const early = await first.leases.of(RESOURCE).acquire('due');
      assert.ok(!early.granted && early.retryInMs > 59_000 && early.retryInMs <= 60_000);
      await elapse(60_000);
      const later = await second.leases.of(RESOURCE).acquire('due');
      assert.ok(!later.granted && later.retryInMs > 29_000 && later.retryInMs <= LEASE_MS);
      assert.equal((await first.leases.of(RESOURCE).acquire('due')).granted, true);
      await first.leases.of(RESOURCE).settle({ nextInMs: 0, hasFailed: false });
      await elapse(LEASE_MS);
      assert.equal((await second.leases.of(RESOURCE).acquire('due')).granted, true);
    });

    it('to the other one first, after a failure', async () => {
      const [first, second] = await pair();
      await first.leases.of(RESOURCE).acquire('now');
      await first.leases.of(RESOURCE).settle({ nextInMs: 0, hasFailed: true });
      assert.equal((await first.leases.of(RESOURCE).acquire('due')).granted, false);
      assert.equal((await second.leases.of(RESOURCE).acquire('due')).granted, true);
    });

    it('but not by itself where only the user can help, unless an instance starts', async () => {
      const [first, second] = await pair();
      await first.leases.of(RESOURCE).acquire('now');
      const blockedBy = 'LOGON_REFUSED';
      await first.leases.of(RESOURCE).settle({ nextInMs: 0, hasFailed: true, blockedBy });
      assert.equal((await second.leases.of(RESOURCE).acquire('due')).granted, false);
      assert.equal((await second.leases.of(RESOURCE).acquire('start')).granted, true);
      await second.leases.of(RESOURCE).settle({ nextInMs: 0, hasFailed: false });
      await elapse(LEASE_MS);
      assert.equal((await first.leases.of(RESOURCE).acquire('due')).granted, true);
    });
  });

  /** That this takes a bounded time, the connection's own tests prove. */
  it('fails when Redis is away, and works by itself when it is back', async () => {
    const own = await RedisServer.start();
    try {
      const one = await join('one', { url: own.url });
      await one.leases.of(RESOURCE).acquire('now');
      await own.kill();
      await assert.rejects(one.leases.of(RESOURCE).acquire('now'), (error: unknown) => {
        return error instanceof SageCrmError && error.code === 'REDIS_UNAVAILABLE';
      });
      await own.launch();
      assert.equal((await granted(one)).granted, true);
    } finally {
      await own.stop();
    }
  });

  async function granted(instance: Instance): Promise<Grant> {
    let grant: Grant | undefined;
    await until('Redis answers again', async () => {
      grant = await instance.leases.of(RESOURCE).acquire('now');
      return true;
    });
    return grant ?? assert.fail();
  }
});
