import { setTimeout as pause } from 'node:timers/promises';
import { ensureRuntimes } from '../../scripts/runtimes';
import { drivenFlow } from '../e2e/support/forwarding';
import { Instance } from '../e2e/support/instances';
import { startSimulator } from '../simulator/simulator';
import { startReceiver } from '../simulator/webhook-receiver';
import { RedisServer } from '../support/redis-server';
import { median } from './statistics';

/**
 * How one, two and three Node-RED with their state on one Redis get on with the same work: records of
 * five resources as messages, and as webhooks. `node --import tsx test/bench/scaling.ts [rounds]`
 */

const SERVER = '1a275215a6c5c7d1';
const USER = { username: 'crm-user', password: 'crm-pass' };
const ENTITIES = ['company', 'person', 'lead', 'opportunity', 'users'];
const COUNTS = [1, 2, 3];
const HOUR_MS = 3_600_000;
const LOOK_MS = 20;

interface Work {
  what: 'records' | 'webhooks';
  each: number;
}

const WORKS: readonly Work[] = [
  { what: 'records', each: 2000 },
  { what: 'webhooks', each: 600 },
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
    const total = each * ENTITIES.length;
    return await paceOf(what, total, () =>
      what === 'webhooks' ? receiver.deliveries.length : createdIn(instances),
    );
  } finally {
    for (const { nodeRed } of instances) await nodeRed.stop();
    await receiver.close();
    await simulator.close();
    await redis.stop();
  }
}

/** A second; of webhooks from the first one on, so that waiting for the poll does not count. */
async function paceOf(what: Work['what'], total: number, done: () => number): Promise<number> {
  let began = performance.now();
  let before = 0;
  while (done() < total) {
    await pause(LOOK_MS);
    if (what === 'records' || before > 0) continue;
    began = performance.now();
    before = done();
  }
  return ((total - before) / (performance.now() - began)) * 1000;
}

function createdIn(instances: readonly Instance[]): number {
  return instances
    .flatMap(({ nodeRed }) => nodeRed.log)
    .reduce((sum, line) => sum + Number(/finished \w+ (\d+)\+/.exec(line)?.[1] ?? 0), 0);
}

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 3);
  for (const work of WORKS) {
    const rates = new Map(COUNTS.map((count) => [count, [] as number[]]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [count, some] of rates) some.push(await rateOf(work, count));
    }
    const one = median(rates.get(1) ?? []);
    for (const [count, some] of rates) {
      const range = [Math.min(...some), Math.max(...some)].map(Math.round).join(' to ');
      const rate = median(some);
      const ratio = (rate / one).toFixed(2);
      console.log(`${work.what}, ${count}: ${Math.round(rate)} a second (${ratio}; ${range})`);
    }
  }
}

void main();
