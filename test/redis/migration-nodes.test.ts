import assert from 'node:assert/strict';
import sagecrmConfig from '../../nodes/sagecrm-config/sagecrm-config';
import sagecrmPoll from '../../nodes/sagecrm-poll/sagecrm-poll';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import type { PollReport } from '../../src/poll/poller-status';
import { startSimulator, type Simulator } from '../simulator/simulator';
import {
  loadFlow,
  startOwnNodeRed,
  unloadFlow,
  type OwnNodeRed,
  type RunningFlow,
} from '../support/node-red';
import { RedisServer } from '../support/redis-server';
import { LOG_ON, pollFlow } from './support/node-flow';

describe('A poll node whose server gets another store', () => {
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
    redisPrefix = `migration${(count += 1)}`;
    simulator = await startSimulator();
    nodeRed = await startOwnNodeRed();
  });

  afterEach(async () => {
    await nodeRed.end();
    await simulator.close();
  });

  async function deploy(store: string): Promise<RunningFlow> {
    await unloadFlow();
    const server = { store, redisUrl: redis.url, redisPrefix };
    const flow = pollFlow({ host: simulator.host, start: 'now', server });
    return loadFlow([sagecrmConfig, sagecrmPoll], flow, LOG_ON);
  }

  async function ask(running: RunningFlow, message: { topic: string }): Promise<unknown> {
    const answered = running.message('report');
    running.send('poll', message);
    return (await answered).payload;
  }

  async function poll(running: RunningFlow): Promise<PollReport> {
    return (await ask(running, { topic: 'poll' })) as PollReport;
  }

  /** The answer, and the report of the poll that follows. */
  async function migrate(running: RunningFlow, from: string): Promise<[unknown, PollReport]> {
    const both = running.messages('report', 2);
    running.send('poll', { topic: 'migrate', payload: { from } });
    const [answer, report] = await both;
    return [answer?.payload, report?.payload as PollReport];
  }

  it('does not start anew, and goes on where it was once the state was moved, there and back', async () => {
    const first = await deploy('embedded');
    await poll(first);
    simulator.crm.create('company', { Comp_Name: 'Cedar Works' });
    assert.equal((await poll(first)).created, 1);

    const second = await deploy('redis');
    simulator.crm.create('company', { Comp_Name: 'Birch Works' });
    assert.equal((await poll(second)).error?.code, 'STATE_ELSEWHERE');
    const [answer, report] = await migrate(second, 'embedded');
    const counts = { resource: 'accounts', events: 0, seen: 1, versions: 0, known: 0 };
    assert.deepEqual(answer, { from: 'embedded', resources: [counts] });
    assert.equal(report.created, 1);

    const third = await deploy('embedded');
    simulator.crm.create('company', { Comp_Name: 'Alder Works' });
    assert.equal((await poll(third)).error?.code, 'STATE_MOVED');
    const [, after] = await migrate(third, 'redis');
    assert.equal(after.created, 1);
  });

  it('refuses to move from the store that it uses, and goes on', async () => {
    const running = await deploy('embedded');
    await poll(running);
    simulator.crm.create('company');
    const reported = running.error('poll');
    running.send('poll', { topic: 'migrate', payload: { from: 'embedded' } });
    const error = await reported;
    assert.ok(error instanceof SageCrmError && error.code === 'INPUT_INVALID');
    assert.equal((await poll(running)).created, 1);
  });
});
