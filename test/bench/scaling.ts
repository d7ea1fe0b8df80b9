import { setTimeout as pause } from 'node:timers/promises';
import { ensureRuntimes } from '../../scripts/runtimes';
import { drivenFlow } from '../e2e/support/forwarding';
import { Instance } from '../e2e/support/instances';
import { startSimulator } from '../simulator/simulator';
import { startReceiver } from '../simulator/webhook-receiver';
import { RedisServer } from '../support/redis-server';

/**
 * How one, two and three Node-RED with their state on one Redis get on with the same work: records of
 * five resources as messages, and as webhooks. `node --import tsx test/bench/scaling.ts`
 */

const SERVER = '1a275215a6c5c7d1';
const USER = { username: 'crm-user', password: 'crm-pass' };
const ENTITIES = ['company', 'person', 'lead', 'opportunity', 'users'];
const HOUR_MS = 3_600_000;
const LOOK_MS = 20;

interface Work {
  what: 'records' | 'webhooks';
  each: number;
}

const WORKS: readonly Work[] = [
  { what: 'records', each: 2000 },
  { what: 'webhooks', each: 300 },
];

async function rateOf({ what, each }: Work, count: number): Promise<number> {
  const redis = await RedisServer.start();
  const simulator = await startSimulator(USER);
  const receiver = await startReceiver();
  const flow = drivenFlow({
    ...{ crm: simulator.url, callback: receiver.url, signatureKey: 'key', ...USER },
    server: { api: 'hub', store: 'redis', rateLimit: 0 },
    poll: { commit: 'acknowledged', interval: 1 / 60, lateWindow: 0 },
    send: { server: SERVER, enabled: what === 'webhooks' },
  });
  const env = { SAGECRM_REDIS_URL: redis.url, SAGECRM_LEASE_SECONDS: '3' };
  const { nodeRed4 } = await ensureRuntimes();
  const instances: Instance[] = [];
  try {
    for (let index = 0; index < count; index++) {
      instances.push(await Instance.start(nodeRed4, env, flow));
    }
    // By now all know of each other.
    await pause(5000);
    for (const entity of ENTITIES) {
      const stamp = (index: number): number => Date.now() - HOUR_MS + index * 1000;
      simulator.crm.many(entity, each, {}, { stamp });
    }
    const began = performance.now();
    const total = each * ENTITIES.length;
    const done = (): number =>
      what === 'webhooks' ? receiver.deliveries.length : createdIn(instances);
    while (done() < total) await pause(LOOK_MS);
    return (total / (performance.now() - began)) * 1000;
  } finally {
    for (const { nodeRed } of instances) await nodeRed.stop();
    await receiver.close();
    await simulator.close();
    await redis.stop();
  }
}

function createdIn(instances: readonly Instance[]): number {
  return instances
    .flatMap(({ nodeRed }) => nodeRed.log)
    .reduce((sum, line) => sum + Number(/finished \w+ (\d+)\+/.exec(line)?.[1] ?? 0), 0);
}

async function main(): Promise<void> {
  for (const work of WORKS) {
    const rates: number[] = [];
    for (const count of [1, 2, 3]) rates.push(await rateOf(work, count));
    const [one = NaN] = rates;
    const shown = rates.map((rate) => `${Math.round(rate)}/s (${(rate / one).toFixed(2)})`);
    console.log(`${work.what}: ${shown.join(', ')}`);
  }
}

void main();
