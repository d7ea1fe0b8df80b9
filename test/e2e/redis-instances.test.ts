import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { startReceiver, type WebhookReceiver } from '../simulator/webhook-receiver';
import { RedisServer } from '../support/redis-server';
import { drivenFlow, pollOnce } from './support/forwarding';
import { Instance } from './support/instances';
import { NodeRedProcess, type FlowNode } from './support/node-red-process';
import { Office } from './support/office';
import { newUserDir } from './support/package';
import { describeOnEachRuntime } from './support/runtimes';
import { Ticks } from './support/ticks';
import { changeKey, eventOf, idsByChange, untilDelivered } from './support/webhooks';

const USER = { username: 'crm-user', password: 'crm-pass' };
const SERVER = '1a275215a6c5c7d1';
const INSTANCES = 3;
const LEASE_MS = 3000;
const INTERVAL_MS = 2000;
/** Longer than any machine takes to store an event, as each webhook is to come once. */
const REDELIVER_MINUTES = 0.5;
/** Between two changes. */
const CHANGE_MS = 60;
const SLACK_MS = 1000;
const RESOURCES = ['accounts', 'contacts', 'leads', 'opportunities', 'users'];

describeOnEachRuntime('three Node-RED with their state on Redis', (runtime, key) => {
  let redis: RedisServer;
  let simulator: Simulator;
  let receiver: WebhookReceiver;
  let office: Office;
  let instances: Instance[] = [];
  let ticks: Ticks;
  /** When each resource was asked for, in milliseconds of ticks. */
  const asked = new Map(RESOURCES.map((resource): [string, number[]] => [resource, []]));

  before('start them', async function () {
    this.timeout(300_000);
    redis = await RedisServer.start();
    simulator = await startSimulator(USER);
    receiver = await startReceiver();
    ticks = new Ticks();
    simulator.onRequest(({ path }) => asked.get(resourceOf(path))?.push(ticks.ms));
    office = new Office(simulator, receiver);
    const env = {
      SAGECRM_REDIS_URL: redis.url,
      SAGECRM_LEASE_SECONDS: String(LEASE_MS / 1000),
    };
    const flow = sharedFlow(simulator, receiver);
    instances = await Promise.all(
      Array.from({ length: INSTANCES }, () => Instance.start(runtime(), env, flow)),
    );
  });

  after(async () => {
    ticks.end();
    office.leave();
    for (const { nodeRed } of instances) await nodeRed.stop();
    await receiver.close();
    await simulator.close();
    await redis.stop();
  });

  afterEach(function () {
    office.close();
    receiver.respond = [];
    if (this.currentTest?.state !== 'failed') return;
    console.log('missing:', office.missing().slice(0, 10));
    for (const { nodeRed } of instances) console.log(nodeRed.log.slice(-100).join('\n'));
  });

  it('poll each resource once an interval in all, and send each webhook once', async () => {
    const first = simulator.requests.length;
    office.open(CHANGE_MS);
    await polled(4);
    await arrives();
    assertOnceAnInterval(first);
    assert.equal(receiver.deliveries.length, simulator.crm.commitLog.length);
    const working = instances.filter(({ polls }) => polls > 0).length;
    assert.ok(working >= 2, `${working} of them polled`);
  });

  it('go on within two lease times when one of them is killed at work', async () => {
    const victim = busiest();
    const first = ticks.ms;
    await atWork();
    await victim.nodeRed.kill();
    await polled(2);
    const longest = Math.max(...gapsSince(first));
    assert.ok(longest <= INTERVAL_MS + 2 * LEASE_MS + SLACK_MS, `${longest} ms without a poll`);
    await arrives();
    await victim.restart();
  });

  if (key === 'nodeRed5') return;

  it('lose nothing when one of them is frozen for longer than its lease, and goes on', async () => {
    const frozen = busiest();
    await atWork();
    frozen.freeze();
    const first = ticks.ms;
    try {
      await polled(3);
    } finally {
      frozen.thaw();
    }
    const longest = Math.max(...gapsSince(first));
    assert.ok(longest <= INTERVAL_MS + 2 * LEASE_MS + SLACK_MS, `${longest} ms without a poll`);
    const after = frozen.nodeRed.log.length;
    await frozen.nodeRed.waitForLog(/finished \w+ \d/, { after });
    await arrives();
  });

  it('lose nothing when Redis is killed and comes back', async () => {
    await atWork();
    const [first] = instances;
    assert.ok(first);
    const after = first.nodeRed.log.length;
    await redis.kill();
    await first.nodeRed.waitForLog(/Redis/, { after });
    await redis.launch();
    await polled(2);
    await arrives();
  });

  /** Resolves while records change and webhooks are under way, slower than they come. */
  async function atWork(): Promise<void> {
    receiver.respond = () => ({ delayMs: 100 });
    office.open(CHANGE_MS);
    await receiver.waitFor(receiver.deliveries.length + 30);
  }

  /** Resolves once each resource has been polled so many more times. */
  function polled(count: number): Promise<void> {
    const left = new Map(RESOURCES.map((resource) => [resource, count]));
    return new Promise((resolve) => {
      const stop = simulator.onRequest(({ path }) => {
        const resource = resourceOf(path);
        left.set(resource, (left.get(resource) ?? 0) - 1);
        if ([...left.values()].some((missing) => missing > 0)) return;
        stop();
        resolve();
      });
    });
  }

  /** Nothing changes any more, and all that changed arrives: in order, repeated with equal ids. */
  async function arrives(): Promise<void> {
    office.close();
    await untilDelivered(receiver, simulator.crm.commitLog);
    const ids = idsByChange(receiver.deliveries);
    assert.deepEqual([...ids.keys()].sort(), simulator.crm.commitLog.map(changeKey).sort());
    for (const [change, { size }] of ids) assert.equal(size, 1, change);
    assertInOrder(receiver);
  }

  /** However late the machine is with each request, there are no more than one for an interval. */
  function assertOnceAnInterval(first: number): void {
    const requests = simulator.requests.slice(first);
    for (const resource of RESOURCES) {
      const times = requests
        .filter(({ path }) => resourceOf(path) === resource)
        .map(({ at }) => at);
      const [began = 0, ended = 0] = [times[0], times.at(-1)];
      // The first may have been late by up to an interval.
      const most = Math.floor((ended - began) / INTERVAL_MS) + 2;
      assert.ok(times.length <= most, `${resource}: ${times.length} in ${ended - began} ms`);
    }
  }

  /** The milliseconds of ticks between two requests for the same resource. */
  function gapsSince(first: number): number[] {
    return [...asked.values()].flatMap((times) => {
      const later = times.filter((at) => at >= first);
      return later.slice(1).map((at, index) => at - (later[index] ?? at));
    });
  }

  function busiest(): Instance {
    const [first, ...others] = instances;
    assert.ok(first);
    return others.reduce((most, other) => (other.polls > most.polls ? other : most), first);
  }
});

describeOnEachRuntime('a Node-RED without the libraries for Redis', (runtime) => {
  let simulator: Simulator;
  let receiver: WebhookReceiver;
  let nodeRed: NodeRedProcess;

  before('start it', async function () {
    this.timeout(180_000);
    simulator = await startSimulator(USER);
    receiver = await startReceiver();
    const env = { SAGECRM_REDIS_URL: 'redis://127.0.0.1:9' };
    nodeRed = await NodeRedProcess.start({ runtime: runtime(), userDir: await newUserDir(), env });
  });

  after(async () => {
    await nodeRed.stop();
    await receiver.close();
    await simulator.close();
  });

  it('says how to install them, and works with the embedded store', async () => {
    simulator.crm.create('company');
    await nodeRed.deploy(sharedFlow(simulator, receiver));
    for (const type of ['sagecrm-config', 'sagecrm-poll']) {
      const line = new RegExp(`\\[${type}:.*npm install ioredis bullmq`);
      await nodeRed.waitForLog(line);
    }
    await nodeRed.deploy(sharedFlow(simulator, receiver, { store: 'embedded' }));
    await pollOnce(nodeRed);
    await untilDelivered(receiver, simulator.crm.commitLog);
  });
});

function sharedFlow(
  simulator: Simulator,
  receiver: WebhookReceiver,
  server: Record<string, unknown> = { store: 'redis' },
): FlowNode[] {
  return drivenFlow({
    ...{ crm: simulator.url, callback: receiver.url, signatureKey: 'key', ...USER },
    server: { api: 'hub', ...server },
    poll: {
      ...{ commit: 'acknowledged', interval: INTERVAL_MS / 60_000, lateWindow: 0 },
      // What the outbox could not take, with Redis away, comes again after this, not at once.
      redeliverAfter: REDELIVER_MINUTES,
    },
    send: { server: SERVER },
  });
}

function resourceOf(path: string): string {
  return path.split('/').at(-1) ?? '';
}

/** A webhook may come again, but the first one of each change comes in the order of the changes. */
function assertInOrder({ deliveries }: WebhookReceiver): void {
  const latest = new Map<string, string>();
  const seen = new Set<string>();
  for (const event of deliveries.map(eventOf)) {
    if (seen.has(event.eventId)) continue;
    seen.add(event.eventId);
    const record = `${event.objectType} ${event.objectId}`;
    assert.ok(event.date > (latest.get(record) ?? ''), `${record} out of order`);
    latest.set(record, event.date);
  }
}
