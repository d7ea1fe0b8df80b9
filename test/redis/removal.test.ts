import assert from 'node:assert/strict';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { leaveState, type SharedState } from '../../src/poll/shared-state';
import { pollKeys, pollNodeKeys } from '../../src/redis/poll-keys';
import { LIVING } from '../../src/redis/presence-scripts';
import { ManualClock } from '../support/manual-clock';
import { RedisServer } from '../support/redis-server';
import { until } from '../support/until';
import { changeOf, STATE } from '../unit/store/support/entries';
import { Instance } from './support/instance';

const LEASE_MS = 30_000;
const GRACE_MS = 3_600_000;
const TEN = Date.parse('2026-01-31T10:00:00Z');
const FOR_EVER = -1;

describe('The state of a deleted poll node on Redis', () => {
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
    prefix = `removal${(count += 1)}`;
    clock = new ManualClock();
    instances = [];
  });

  afterEach(async () => {
    for (const instance of instances) await instance.close();
  });

  async function join(owner: string, anew = false): Promise<Instance> {
    const resources = ['accounts', 'contacts'];
    const options = { url: server.url, prefix, owner, clock, resources, leaseMs: LEASE_MS };
    const instance = new Instance(options);
    instances.push(instance);
    await instance.leases.open(anew);
    return instance;
  }

  async function poll({ leases, store }: Instance): Promise<void> {
    for (const resource of ['accounts', 'contacts']) {
      await leases.of(resource).acquire('now');
      const change = changeOf({ id: '1', date: TEN });
      const memory = { knownIds: ['1'], versions: new Map([['1', change.message.payload]]) };
      await store.append(resource, [change], STATE, { memory });
      await leases.of(resource).settle({ nextInMs: 60_000, hasFailed: false });
    }
  }

  /** As the Node-RED does that has deleted the node. */
  function leave(changes: Partial<SharedState> = {}, graceMs?: number): Promise<boolean> {
    const [{ connection } = assert.fail('nobody was there')] = instances;
    const state = { connection, prefix, node: 'node', ...changes };
    return leaveState(state, { leaseMs: LEASE_MS, ...(graceMs !== undefined && { graceMs }) });
  }

  async function keys(): Promise<string[]> {
    return (await server.ask('keys', `{${prefix}:*`)) as string[];
  }

  /** How long each key stays, in ms; the shortest. */
  async function staysFor(): Promise<{ shortest: number; longest: number }> {
    const times: number[] = [];
    for (const key of await keys()) {
      if (!key.endsWith(':instances')) times.push(Number(await server.ask('pttl', key)));
    }
    return { shortest: Math.min(...times), longest: Math.max(...times) };
  }

  async function itStays(): Promise<void> {
    assert.deepEqual(await staysFor(), { shortest: FOR_EVER, longest: FOR_EVER });
  }

  async function itRunsOut(): Promise<void> {
    const { shortest, longest } = await staysFor();
    assert.ok(shortest > GRACE_MS - 60_000 && longest <= GRACE_MS, `${shortest} to ${longest} ms`);
  }

  /** As if an instance had been frozen, or cut off, for longer than it may be silent. */
  async function fallSilent(owner: string): Promise<void> {
    await server.ask('zrem', pollNodeKeys(prefix, 'node').instances, owner);
  }

  it('runs out an hour after the last instance has deleted it', async () => {
    const one = await join('one');
    await poll(one);
    await itStays();
    await one.leases.close();
    assert.equal(await leave(), true);
    await itRunsOut();
  });

  it('is gone then, all of it', async () => {
    const one = await join('one');
    await poll(one);
    await one.leases.close();
    await leave({}, 1);
    await until('nothing is left', async () => (await keys()).length === 0);
    const two = await join('two');
    assert.equal(await two.store.readState('accounts'), undefined);
  });

  it('goes with resources that are not polled any more', async () => {
    await poll(await join('one'));
    await instances[0]?.leases.close();
    const options = { url: server.url, prefix, owner: 'two', clock, resources: ['contacts'] };
    const two = new Instance({ ...options, leaseMs: LEASE_MS });
    instances.push(two);
    await two.leases.open();
    await two.leases.close();
    assert.equal(await leave(), true);
    await itRunsOut();
  });

  it('stays while another instance lives', async () => {
    const [one] = [await join('one'), await join('two')];
    await poll(one);
    await one.leases.close();
    assert.equal(await leave(), false);
    await itStays();
  });

  it('stays for an instance that starts again within the hour', async () => {
    const one = await join('one');
    await poll(one);
    await one.leases.close();
    await leave();
    const two = await join('two');
    await itStays();
    assert.deepEqual(await two.store.readState('accounts'), STATE);
    assert.equal((await two.store.readJournal('accounts', 9)).length, 1);
  });

  it('stays for an instance that was only silent, once it gives a sign of life', async () => {
    const one = await join('one');
    await poll(one);
    await fallSilent('one');
    assert.equal(await leave(), true);
    await itRunsOut();
    await clock.advance(LEASE_MS / 2);
    await until('all stays', async () => (await staysFor()).shortest === FOR_EVER);
    await itStays();
  });

  it('is not written to by an instance that was silent before it has asked again', async () => {
    const one = await join('one');
    await poll(one);
    const lease = one.leases.of('accounts');
    await lease.acquire('now');
    await fallSilent('one');
    await leave();
    const change = changeOf({ id: '2', date: TEN });
    await assert.rejects(
      one.store.append('accounts', [change], STATE),
      (error) => error instanceof SageCrmError && error.code === 'LEASE_LOST',
    );
    assert.equal((await lease.acquire('now')).granted, true);
    await one.store.append('accounts', [change], STATE);
  });

  for (const [moment, isBefore] of [
    ['just before the look at who lives', true],
    ['just after it', false],
  ] as const) {
    it(`stays for an instance that starts ${moment}`, async () => {
      const one = await join('one');
      await poll(one);
      await one.leases.close();
      const { connection } = one;
      const meanwhile: SharedState['connection'] = {
        command: (...given) => connection.command(...given),
        async run(script, ...given) {
          if (script === LIVING && isBefore) await join('two');
          const answer = await connection.run(script, ...given);
          if (script === LIVING && !isBefore) await join('two');
          return answer;
        },
      };
      await leave({ connection: meanwhile });
      // The names of the resources stay with the next sign of life at the latest.
      await clock.advance(LEASE_MS / 2);
      await until('all stays', async () => (await staysFor()).shortest === FOR_EVER);
      const { lease, meta } = pollKeys(prefix, 'node', 'accounts');
      assert.equal(await server.ask('hget', lease, 'claims'), '2');
      assert.equal(await server.ask('pttl', meta), FOR_EVER);
    });
  }

  describe('when it comes again in the Node-RED that has deleted it', () => {
    it('is not there any more', async () => {
      const one = await join('one');
      await poll(one);
      await one.leases.close();
      await leave();
      const again = await join('again', true);
      await itStays();
      assert.equal(await again.store.readState('accounts'), undefined);
      assert.deepEqual(await again.store.readJournal('accounts', 9), []);
      assert.equal((await again.leases.of('accounts').acquire('due')).granted, true);
    });

    it('is there as far as others have it', async () => {
      const one = await join('one');
      await poll(one);
      await one.leases.close();
      await leave();
      await join('two');
      const again = await join('again', true);
      assert.deepEqual(await again.store.readState('accounts'), STATE);
    });
  });
});
