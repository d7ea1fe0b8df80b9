import assert from 'node:assert/strict';
import sagecrmConfig from '../../nodes/sagecrm-config/sagecrm-config';
import sagecrmPoll from '../../nodes/sagecrm-poll/sagecrm-poll';
import type { PollReport } from '../../src/poll/poller-status';
import { startSimulator, type Simulator } from '../simulator/simulator';
import {
  loadFlow,
  startOwnNodeRed,
  type FlowNode,
  type OwnNodeRed,
  type RunningFlow,
} from '../support/node-red';
import { RedisServer } from '../support/redis-server';
import { until } from '../support/until';
import { Instance } from './support/instance';
import { LOG_ON, pollFlow } from './support/node-flow';

const FOR_EVER = -1;
const LEASE_SECONDS = 1;

describe('A poll node with its state on Redis that a deploy deletes', () => {
  let redis: RedisServer;
  /** Of all that the test under way keeps. */
  let redisPrefix: string;
  let count = 0;
  let simulator: Simulator;
  let nodeRed: OwnNodeRed;
  let running: RunningFlow;

  before(async () => {
    redis = await RedisServer.start({ isForgetful: true });
  });

  after(() => redis.stop());

  beforeEach(async () => {
    process.env.SAGECRM_LEASE_SECONDS = String(LEASE_SECONDS);
    redisPrefix = `removal${(count += 1)}`;
    simulator = await startSimulator();
    nodeRed = await startOwnNodeRed();
    simulator.crm.create('company');
    running = await loadFlow([sagecrmConfig, sagecrmPoll], flow(), LOG_ON);
    assert.equal((await pollOnce()).created, 1);
  });

  afterEach(async () => {
    await nodeRed.end();
    await simulator.close();
    delete process.env.SAGECRM_LEASE_SECONDS;
  });

  function flow(): FlowNode[] {
    const server = { store: 'redis', redisUrl: redis.url, redisPrefix };
    return pollFlow({ host: simulator.host, start: 'all', server });
  }

  function without(...ids: string[]): FlowNode[] {
    return flow().filter(({ id }) => !ids.includes(id));
  }

  async function pollOnce(): Promise<PollReport> {
    const reported = running.message('report');
    running.send('poll', { topic: 'poll' });
    return (await reported).payload as PollReport;
  }

  async function staysFor(): Promise<number> {
    return Number(await redis.ask('pttl', `{${redisPrefix}:poll:poll:accounts}:meta`));
  }

  async function untilItRunsOut(): Promise<void> {
    await until('it is to run out', async () => (await staysFor()) !== FOR_EVER);
    const left = await staysFor();
    assert.ok(left > 3_500_000 && left <= 3_600_000, `${left} ms`);
  }

  /** The same node in another Node-RED. */
  async function elsewhere(): Promise<Instance> {
    const other = new Instance({
      ...{ url: redis.url, prefix: redisPrefix, node: 'poll', owner: 'elsewhere' },
      ...{ resources: ['accounts'], leaseMs: LEASE_SECONDS * 1000 },
    });
    await other.leases.open();
    return other;
  }

  it('leaves it to run out, even when its server was deleted with it', async () => {
    await running.deploy(without('poll', 'server'));
    await untilItRunsOut();
  });

  it('begins anew when the deletion is undone', async () => {
    await running.deploy(without('poll'));
    await running.deploy(flow());
    assert.equal((await pollOnce()).created, 1);
    assert.equal(await staysFor(), FOR_EVER);
    await running.deploy(flow(), 'full');
    assert.equal((await pollOnce()).created, 0);
  });

  it('leaves it to the others that have the node, until these are gone, too', async () => {
    const other = await elsewhere();
    try {
      await running.deploy(without('poll'));
      const again = await elsewhere();
      assert.notEqual(await again.store.readState('accounts'), undefined);
      assert.equal(await staysFor(), FOR_EVER);
      await again.close();
    } finally {
      await other.close();
    }
    await untilItRunsOut();
  });

  it('keeps it while the node is disabled, and leaves it when that is deleted', async () => {
    const disabled = flow().map((node) => (node.id === 'poll' ? { ...node, d: true } : node));
    await running.deploy(disabled);
    await running.deploy(flow());
    assert.equal((await pollOnce()).created, 0);
    await running.deploy(disabled);
    await running.deploy(without('poll'));
    await untilItRunsOut();
  });

  it('gives a sign of life before its first poll', async () => {
    const edited = flow().map((node) => (node.id === 'poll' ? { ...node, name: 'edited' } : node));
    await running.deploy(edited);
    const key = `{${redisPrefix}:poll:poll}:instances`;
    await until('it is there', async () => (await redis.ask('zcard', key)) === 1);
    assert.equal(await staysFor(), FOR_EVER);
  });
});
