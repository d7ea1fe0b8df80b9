import assert from 'node:assert/strict';
import type { NodeAPI, NodeMessage } from 'node-red';
import { onAcknowledged } from '../../nodes/runtime/acknowledgements';
import sagecrmCallback from '../../nodes/sagecrm-callback/sagecrm-callback';
import sagecrmConfig from '../../nodes/sagecrm-config/sagecrm-config';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import {
  loadFlow,
  runtimeEvents,
  startOwnNodeRed,
  unloadFlow,
  type OwnNodeRed,
  type RunningFlow,
} from '../support/node-red';
import { RedisServer } from '../support/redis-server';
import { Receiver } from '../unit/delivery/support/receiver';
import { sampleMessage } from '../unit/delivery/support/sample';

describe('A callback node whose server gets another store', function () {
  this.timeout(30_000);
  let redis: RedisServer;
  /** Of all that the test under way keeps. */
  let redisPrefix: string;
  let count = 0;
  let receiver: Receiver;
  /** What it answers to an event. */
  let answerTo: (body: string) => number;
  let nodeRed: OwnNodeRed;

  before(async () => {
    redis = await RedisServer.start({ isForgetful: true });
  });

  after(() => redis.stop());

  beforeEach(async () => {
    redisPrefix = `migration${(count += 1)}`;
    answerTo = () => 200;
    receiver = await Receiver.start(({ body }) => ({ status: answerTo(body) }));
    nodeRed = await startOwnNodeRed();
  });

  afterEach(async () => {
    await nodeRed.end();
    await receiver.stop();
  });

  async function deploy(
    store: string,
    callback: object = {},
    redisUrl = redis.url,
  ): Promise<RunningFlow> {
    await unloadFlow();
    return loadFlow(
      [sagecrmConfig, sagecrmCallback],
      [
        { id: 'tab', type: 'tab', label: 'flow' },
        {
          ...{ id: 'server', type: 'sagecrm-config', subdomain: 'crm.example.com' },
          ...{ store, redisUrl, redisPrefix },
        },
        {
          ...{ id: 'callback', z: 'tab', type: 'sagecrm-callback', server: 'server' },
          ...{ url: receiver.url(), allowPrivate: true, retries: '0s 1h', wires: [['out']] },
          ...callback,
        },
        { id: 'catch', z: 'tab', type: 'catch', scope: null, wires: [['caught']] },
        { id: 'out', z: 'tab', type: 'helper', wires: [] },
        { id: 'caught', z: 'tab', type: 'helper', wires: [] },
      ],
    );
  }

  function give(flow: RunningFlow, eventId: string, objectId: string): void {
    const message: NodeMessage = { ...sampleMessage({ eventId, objectId }) };
    flow.send('callback', { ...message, instanceId: 'poll-1' });
  }

  /** The answer leaves where deliveries do, and may be among them. */
  async function ask(flow: RunningFlow, topic: string, payload?: unknown): Promise<unknown> {
    const answered = new Promise<unknown>((resolve) => {
      const out = flow.node('out');
      out.on('input', (message: NodeMessage) => {
        if (message.topic === topic) resolve(message.payload);
      });
    });
    flow.send('callback', { topic, payload });
    return answered;
  }

  async function refusal(flow: RunningFlow): Promise<string> {
    const { error } = (await flow.message('caught')) as { error?: { code?: string } };
    return error?.code ?? '';
  }

  /** Resolves once so many events were acknowledged. */
  function acknowledged(count: number): { ids: string[]; all: Promise<void> } {
    const ids: string[] = [];
    const RED = { events: runtimeEvents() } as unknown as NodeAPI;
    const poll = { id: 'poll-1', on: () => undefined } as never;
    const all = new Promise<void>((resolve) => {
      onAcknowledged(RED, poll, (eventId) => {
        ids.push(eventId);
        if (ids.length === count) resolve();
      });
    });
    return { ids, all };
  }

  const idsOf = (requests: readonly { body: string }[]): string[] =>
    requests.map(({ body }) => /evt-\w+/.exec(body)?.[0] ?? '');

  it('refuses events until its outbox is moved, and then goes on with it, there and back', async () => {
    const first = await deploy('embedded');
    answerTo = (body) => (body.includes('evt-l') ? 400 : 503);
    const failed = refusal(first);
    give(first, 'evt-l', 'l');
    assert.equal(await failed, 'DELIVERY_REFUSED');
    const taken = acknowledged(3);
    for (const id of ['a1', 'b1', 'a2']) give(first, `evt-${id}`, id.slice(0, 1));
    await taken.all;
    await receiver.until(3);

    answerTo = () => 200;
    const second = await deploy('redis');
    const late = acknowledged(1);
    const refused = refusal(second);
    give(second, 'evt-a3', 'a');
    assert.equal(await refused, 'STATE_ELSEWHERE');
    assert.deepEqual(late.ids, []);
    const before = receiver.requests.length;
    const answer = ask(second, 'migrate', { from: 'embedded' });
    give(second, 'evt-a3', 'a');
    const moved = { events: 3, letters: 1, silenced: 0 };
    assert.deepEqual(await answer, { from: 'embedded', moved });
    await late.all;
    await receiver.until(before + 4);
    const delivered = idsOf(receiver.requests.slice(before));
    assert.deepEqual(
      delivered.filter((id) => id.startsWith('evt-a')),
      ['evt-a1', 'evt-a2', 'evt-a3'],
    );
    assert.ok(delivered.includes('evt-b1'));
    const letters = (await ask(second, 'dead-letters')) as { letter: number }[];
    assert.deepEqual(
      letters.map(({ letter }) => letter),
      [1],
    );

    const third = await deploy('embedded');
    const stopped = refusal(third);
    give(third, 'evt-c1', 'c');
    assert.equal(await stopped, 'STATE_MOVED');
    const back = await ask(third, 'migrate', { from: 'redis' });
    assert.deepEqual(back, { from: 'redis', moved: { events: 0, letters: 1, silenced: 0 } });
    const replayed = receiver.until(before + 6);
    assert.deepEqual(await ask(third, 'replay', { all: true }), { replayed: 1 });
    give(third, 'evt-c1', 'c');
    const last = idsOf((await replayed).slice(-2)).sort();
    assert.deepEqual(last, ['evt-c1', 'evt-l']);
  });

  it('refuses to move from the store that it uses, and goes on', async () => {
    const running = await deploy('embedded');
    const refused = refusal(running);
    running.send('callback', { topic: 'migrate', payload: { from: 'embedded' } });
    assert.equal(await refused, 'INPUT_INVALID');
    give(running, 'evt-a1', 'a');
    await receiver.until(1);
  });

  it('has to know where Redis is', async () => {
    const running = await deploy('embedded', { server: '' });
    const caught = running.error('callback');
    running.send('callback', { topic: 'migrate', payload: { from: 'redis' } });
    const error = await caught;
    assert.ok(error instanceof SageCrmError && error.details.field === 'server');
  });

  it('has no embedded store to move from on another machine', async () => {
    const running = await deploy('redis');
    const refused = refusal(running);
    running.send('callback', { topic: 'migrate', payload: { from: 'embedded' } });
    assert.equal(await refused, 'INPUT_INVALID');
  });

  it('tells that Redis is away, and moves nothing', async () => {
    const first = await deploy('embedded');
    answerTo = () => 503;
    give(first, 'evt-a1', 'a');
    await receiver.until(1);
    const own = await RedisServer.start();
    const second = await deploy('redis', {}, own.url);
    await own.stop();
    const refused = refusal(second);
    second.send('callback', { topic: 'migrate', payload: { from: 'embedded' } });
    assert.equal(await refused, 'REDIS_UNAVAILABLE');
    answerTo = () => 200;
    const count = receiver.requests.length;
    give(await deploy('embedded'), 'evt-b1', 'b');
    const [delivered] = idsOf((await receiver.until(count + 1)).slice(-1));
    assert.equal(delivered, 'evt-b1');
  });
});
