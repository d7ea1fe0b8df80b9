import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import sagecrmCallback from '../../nodes/sagecrm-callback/sagecrm-callback';
import sagecrmConfig from '../../nodes/sagecrm-config/sagecrm-config';
import type { OutboxStatus } from '../../src/delivery/outbox-status';
import { loadFlow, startOwnNodeRed, type OwnNodeRed, type RunningFlow } from '../support/node-red';
import { RedisServer } from '../support/redis-server';
import { Receiver } from '../unit/delivery/support/receiver';
import { sampleMessage } from '../unit/delivery/support/sample';

describe('A callback node with its state on Redis', function () {
  this.timeout(20_000);
  let redis: RedisServer;
  /** Of all that the test under way keeps. */
  let redisPrefix: string;
  let count = 0;
  let receiver: Receiver;
  let nodeRed: OwnNodeRed;

  before(async () => {
    redis = await RedisServer.start({ isForgetful: true });
  });

  after(() => redis.stop());

  beforeEach(async () => {
    redisPrefix = `callback${(count += 1)}`;
    receiver = await Receiver.start();
    nodeRed = await startOwnNodeRed();
  });

  afterEach(async () => {
    await nodeRed.end();
    await receiver.stop();
  });

  function load(properties: Record<string, unknown>): Promise<RunningFlow> {
    const server = { id: 'server', type: 'sagecrm-config', subdomain: 'crm.example.com' };
    return loadFlow(
      [sagecrmConfig, sagecrmCallback],
      [
        { id: 'tab', type: 'tab', label: 'flow' },
        { ...server, store: 'redis', redisUrl: redis.url, redisPrefix },
        {
          ...{ id: 'callback', z: 'tab', type: 'sagecrm-callback', server: 'server' },
          ...{ url: receiver.url(), allowPrivate: true, wires: [['out']], ...properties },
        },
        { id: 'out', z: 'tab', type: 'helper', wires: [] },
      ],
      { server: { username: 'crm-user', password: 'crm-pass' } },
    );
  }

  async function sendAll(flow: RunningFlow, ids: readonly string[]): Promise<void> {
    const arrived = flow.messages('out', ids.length);
    for (const id of ids) {
      flow.send('callback', { ...sampleMessage({ eventId: id, objectId: id }) });
    }
    await arrived;
  }

  function eventsOf(body: string): number {
    return (JSON.parse(body) as { message: { events: unknown[] } }).message.events.length;
  }

  it('puts as many events into a webhook as it is set to', async () => {
    const flow = await load({ batchSize: '3', flushAfter: '300' });
    await sendAll(flow, ['a', 'b', 'c', 'd', 'e', 'f']);
    assert.deepEqual(
      receiver.requests.map(({ body }) => eventsOf(body)),
      [3, 3],
    );
    const answer = flow.message('out');
    flow.send('callback', { topic: 'status' });
    const { depth, dead } = (await answer).payload as OutboxStatus;
    assert.deepEqual({ depth, dead }, { depth: 0, dead: 0 });
    const kept = await readdir(nodeRed.userDir, { recursive: true });
    assert.ok(!kept.some((name) => name.endsWith('CURRENT')), 'nothing is on its own disk');
  });

  it('keeps to its rate limit', async () => {
    const flow = await load({ rateLimit: '2' });
    const begun = performance.now();
    await sendAll(flow, ['a', 'b', 'c', 'd', 'e']);
    // Two to begin with, two a second later.
    assert.ok(performance.now() - begun >= 1_900);
  });
});
