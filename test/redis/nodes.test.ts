import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import os from 'node:os';
import { loadRedisLibrary } from '../../nodes/runtime/optional-library';
import sagecrmConfig from '../../nodes/sagecrm-config/sagecrm-config';
import sagecrmPoll from '../../nodes/sagecrm-poll/sagecrm-poll';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import type { EventMessage } from '../../src/event/event';
import type { PollReport } from '../../src/poll/poller-status';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { loopbackTls } from '../simulator/tls/loopback-tls';
import {
  coreNode,
  loadFlow,
  startOwnNodeRed,
  unloadFlow,
  type OwnNodeRed,
  type RunningFlow,
} from '../support/node-red';
import { RedisServer } from '../support/redis-server';
import { until } from '../support/until';
import { LOG_ON, pollFlow } from './support/node-flow';
import { NO_CLIENT_CERTIFICATE, tlsOptions } from './support/tls-options';

describe('A poll node with its state on Redis', () => {
  let redis: RedisServer;
  /** Of all that the test under way keeps. */
  let redisPrefix: string;
  let count = 0;
  let simulator: Simulator;
  let nodeRed: OwnNodeRed;

  before(async () => {
    redis = await RedisServer.start({ isForgetful: true });
  });

  after(() => redis.stop());

  beforeEach(async () => {
    redisPrefix = `nodes${(count += 1)}`;
    simulator = await startSimulator();
    await startAnew();
  });

  afterEach(async () => {
    await nodeRed.end();
    await simulator.close();
  });

  /** As another copy of Node-RED: nothing on its disk is known. */
  async function startAnew(): Promise<void> {
    nodeRed = await startOwnNodeRed();
  }

  function load(server: object = {}): Promise<RunningFlow> {
    const settings = { store: 'redis', redisUrl: redis.url, redisPrefix, ...server };
    const flow = pollFlow({ host: simulator.host, start: 'all', server: settings });
    const tls = { id: 'tls', type: 'tls-config', name: '', cert: '', key: '', ca: '' };
    return loadFlow([sagecrmConfig, sagecrmPoll, coreNode('network/05-tls.js')], [...flow, tls], {
      ...LOG_ON,
      tls: { cadata: loopbackTls().cert },
    });
  }

  async function pollOnce(running: RunningFlow): Promise<PollReport> {
    const reported = running.message('report');
    running.send('poll', { topic: 'poll' });
    return (await reported).payload as PollReport;
  }

  it('goes on where another copy of it has stopped, and keeps nothing on its own disk', async () => {
    simulator.crm.create('company', { Comp_Name: 'Cedar Works' });
    assert.equal((await pollOnce(await load())).created, 1);
    await nodeRed.end();
    await startAnew();
    const row = simulator.crm.create('company', { Comp_Name: 'Birch Works' });
    const running = await load();
    const arrives = running.message('out');
    assert.equal((await pollOnce(running)).created, 1);
    const { event } = (await arrives) as unknown as EventMessage;
    assert.equal(event.objectId, row.id);
    const kept = await readdir(nodeRed.userDir, { recursive: true });
    assert.ok(!kept.some((name) => name.endsWith('CURRENT')));
  });

  it('trusts the authority of the TLS configuration that was chosen for Redis', async () => {
    const own = await RedisServer.start({
      ...tlsOptions(NO_CLIENT_CERTIFICATE),
      isForgetful: true,
    });
    try {
      simulator.crm.create('company', { Comp_Name: 'Cedar Works' });
      const redisUrl = `rediss://127.0.0.1:${own.tlsPort}`;
      const without = await load({ redisUrl });
      const fails = without.error('poll');
      without.send('poll', { topic: 'poll' });
      assert.match(String(await fails), /DEPTH_ZERO_SELF_SIGNED_CERT/);
      await unloadFlow();
      assert.equal((await pollOnce(await load({ redisUrl, redisTls: 'tls' }))).created, 1);
      await unloadFlow();
    } finally {
      await own.stop();
    }
  });

  it('does not start with a TLS configuration that is not there', async () => {
    const running = await load({ redisTls: 'nobody' });
    assert.match(String(running.logged('server', 'error')), /The TLS configuration is missing/);
  });

  it('starts over with a replay', async () => {
    simulator.crm.create('company', { Comp_Name: 'Cedar Works' });
    const running = await load();
    await pollOnce(running);
    const again = running.message('out');
    running.send('poll', { topic: 'replay', payload: { since: '2000-01-01T00:00:00Z' } });
    assert.equal(((await again) as unknown as EventMessage).payload.Comp_Name, 'Cedar Works');
  });

  it('tells that Redis is away, and polls once it is back', async () => {
    const own = await RedisServer.start();
    try {
      simulator.crm.create('company');
      const running = await load({ redisUrl: own.url });
      await pollOnce(running);
      await own.kill();
      assert.equal((await pollOnce(running)).error?.code, 'REDIS_UNAVAILABLE');
      await own.launch();
      simulator.crm.create('company');
      await until('it is back', async () => {
        const { error, created } = await pollOnce(running);
        return error === undefined && created === 1;
      });
      await unloadFlow();
    } finally {
      await own.stop();
    }
  });
});

describe('The libraries for Redis', () => {
  it('are found beside this package, too', () => {
    assert.ok(loadRedisLibrary(os.tmpdir(), 'ioredis'));
  });

  it('that are not installed are told with the command that installs them', () => {
    assert.throws(
      () => loadRedisLibrary(os.tmpdir(), 'not-there' as 'ioredis'),
      (error) =>
        error instanceof SageCrmError &&
        error.code === 'REDIS_MISSING' &&
        error.nextStep.includes('npm install ioredis bullmq') &&
        error.nextStep.includes(os.tmpdir()),
    );
  });
});
