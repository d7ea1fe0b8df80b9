import assert from 'node:assert/strict';
import sagecrmCallback from '../../nodes/sagecrm-callback/sagecrm-callback';
import sagecrmConfig from '../../nodes/sagecrm-config/sagecrm-config';
import { loopbackTls } from '../simulator/tls/loopback-tls';
import { coreNode, loadFlow, startOwnNodeRed, type OwnNodeRed } from '../support/node-red';
import { RedisServer } from '../support/redis-server';
import { Receiver } from '../unit/delivery/support/receiver';
import { sampleMessage } from '../unit/delivery/support/sample';
import { LOG_ON } from './support/node-flow';
import { NO_CLIENT_CERTIFICATE, tlsOptions } from './support/tls-options';

describe('A callback node with its outbox on a Redis with TLS', () => {
  let redis: RedisServer;
  let hook: Receiver;
  let nodeRed: OwnNodeRed;

  beforeEach(async () => {
    redis = await RedisServer.start({ ...tlsOptions(NO_CLIENT_CERTIFICATE), isForgetful: true });
    hook = await Receiver.start();
    nodeRed = await startOwnNodeRed();
  });

  afterEach(async () => {
    await nodeRed.end();
    await hook.stop();
    await redis.stop();
  });

  it('delivers through it', async () => {
    const redisUrl = `rediss://127.0.0.1:${redis.tlsPort}`;
    const running = await loadFlow(
      [sagecrmConfig, sagecrmCallback, coreNode('network/05-tls.js')],
      [
        { id: 'tab', type: 'tab', label: 'flow' },
        {
          ...{ id: 'server', type: 'sagecrm-config', subdomain: 'crm.example.com' },
          ...{ store: 'redis', redisUrl, redisTls: 'tls' },
        },
        { id: 'tls', type: 'tls-config', name: '', cert: '', key: '', ca: '' },
        {
          ...{ id: 'callback', z: 'tab', type: 'sagecrm-callback', server: 'server' },
          ...{ url: hook.url(), allowPrivate: true, wires: [['out']] },
        },
        { id: 'out', z: 'tab', type: 'helper', wires: [] },
      ],
      { ...LOG_ON, tls: { cadata: loopbackTls().cert } },
    );
    const arrives = running.message('out');
    running.send('callback', { ...sampleMessage() });
    const { delivery } = (await arrives) as { delivery?: { status: string } };
    assert.equal(delivery?.status, 'delivered');
    assert.equal(hook.requests.length, 1);
    const kept = (await redis.ask('keys', '{sagecrm:outbox:callback}*')) as string[];
    assert.ok(kept.length > 0);
  });
});
