import assert from 'node:assert/strict';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { SharedStore } from '../../src/delivery/shared/shared-store';
import { SharedTasks } from '../../src/delivery/shared/shared-tasks';
import type { RedisConnection } from '../../src/redis/connection';
import { RedisServer } from '../support/redis-server';
import { sampleMessage } from '../unit/delivery/support/sample';
import { connect } from './support/instance';
import { OutboxDesk, opensShared, type DeskOptions } from './support/outbox-desk';

describe('Several instances of a shared outbox', function () {
  this.timeout(20_000);
  let server: RedisServer;
  let desks: OutboxDesk[];
  let connections: RedisConnection[];
  let count = 0;

  before(async () => {
    server = await RedisServer.start({ isForgetful: true });
  });

  after(() => server.stop());

  beforeEach(() => {
    count += 1;
    desks = [];
    connections = [];
  });

  afterEach(async () => {
    await Promise.all(desks.map(({ outbox }) => outbox.close()));
    for (const connection of connections) connection.close();
  });

  async function join(options: DeskOptions = {}): Promise<OutboxDesk> {
    const desk = new OutboxDesk(opensShared(server.url, `instances${count}`));
    await desk.start(options);
    desks.push(desk);
    return desk;
  }

  /** What an instance without a worker would write and read. */
  function storeOf(batchSize: number): SharedStore {
    const connection = connect(server.url);
    connections.push(connection);
    return new SharedStore(connection, `instances${count}`, 'callback', batchSize);
  }

  async function allHaveCome(events: number): Promise<void> {
    const came = (): number => desks.reduce((sum, { outcomes }) => sum + outcomes.length, 0);
    await Promise.race(desks.map((desk) => desk.until(() => came() >= events)));
  }

  it('send together no more webhooks in a second than they may', async () => {
    const one = await join({ rateLimit: 10 });
    const other = await join({ rateLimit: 10 });
    const ids = Array.from({ length: 21 }, (_, index) => `e${index}`);
    await Promise.all(ids.map((id, index) => (index % 2 === 0 ? one : other).take(id)));
    await allHaveCome(ids.length);
    const times = desks.flatMap(({ posted }) => posted.map(({ at }) => at)).sort((a, b) => a - b);
    assert.ok(one.posted.length > 0 && other.posted.length > 0, 'both deliver');
    // Ten to begin with, at most, and ten a second later.
    assert.ok((times[20] ?? 0) - (times[0] ?? 0) >= 1_800);
  });

  it('take a rate of less than one a second as what it is', async () => {
    const desk = await join({ rateLimit: 0.8 });
    await desk.take('a', 'b');
    await desk.outcomesAre(2);
    const [first, second] = desk.posted;
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 1_150);
  });

  it('have no limit any more once one of them was started without', async () => {
    await join({ rateLimit: 0.001 });
    const other = await join();
    await other.take('a', 'b', 'c');
    await allHaveCome(3);
  });

  for (const batchSize of [1, 3]) {
    it(`deliver within one lock what one has taken and left, with up to ${batchSize} in a webhook`, async () => {
      const store = storeOf(batchSize);
      const desk = await join({ batchSize, maxEvents: 10 });
      // As an instance that is killed before it adds the jobs.
      for (const id of ['a', 'b', 'c', 'd']) {
        const message = sampleMessage({ eventId: id, objectId: id });
        const event = { message, target: '', instanceId: 'poll-1', lane: id, takenAt: Date.now() };
        await store.take(event);
      }
      await desk.outcomesAre(4);
      assert.deepEqual(desk.ids.join('+').split('+').sort(), ['a', 'b', 'c', 'd']);
    });
  }

  it('put no webhook together for a job that another one has taken over', async () => {
    const store = storeOf(3);
    const tasks = new SharedTasks(store, 3);
    const turns = [];
    for (const id of ['a', 'b']) {
      const message = sampleMessage({ eventId: id, objectId: id });
      const event = { message, target: '', instanceId: 'poll-1', lane: id, takenAt: Date.now() };
      turns.push(...(await store.take(event)).turns);
    }
    const [turn] = turns;
    assert.ok(turn !== undefined && turns.length === 1);
    const lock = { key: `${store.keys.tag}:lock`, token: 'mine' };
    const beginning = { lock, isFirstTry: true, isAdmitted: true, now: Date.now() };
    assert.deepEqual(await tasks.begin(turn, beginning), { kind: 'over' });
    await server.ask('set', lock.key, 'mine');
    const away = await tasks.begin(turn, { ...beginning, isAdmitted: false });
    assert.deepEqual(away, { kind: 'wait' });
    assert.equal(await server.ask('exists', store.keys.batches), 0);
    const task = await tasks.begin(turn, beginning);
    assert.ok(task.kind === 'go' && task.load.entries.length === 2);
    await server.ask('set', lock.key, 'of another');
    assert.equal(await tasks.takeApart(turn, task.load.entries, lock, 1, undefined), undefined);
    assert.equal(await tasks.settle(turn, task.load.entries, lock, 'delivered'), undefined);
    assert.equal((await store.counts()).depth, 2);
  });

  it('deliver what version 0.1.0 has left, and never mix targets', async () => {
    const store = storeOf(1);
    const redis = new Redis(server.url, { maxRetriesPerRequest: null });
    const queue = new Queue('jobs', { connection: redis, prefix: store.keys.tag });
    for (const target of ['', 'https://other.example/hook']) {
      for (const number of [1, 2, 3, 4, 5]) {
        const message = sampleMessage({ eventId: `${number}`, objectId: 'r' });
        const lane = JSON.stringify([target, 'r']);
        const event = { message, target, instanceId: 'poll-1', lane, takenAt: Date.now() };
        const [turn] = (await store.take(event)).turns;
        if (turn === undefined) continue;
        await queue.add('deliver', { lane: turn.lane, target: turn.target }, { jobId: turn.id });
        await store.added([turn.id]);
      }
    }
    await queue.close();
    redis.disconnect();
    const desk = await join({ batchSize: 3, maxEvents: 10, flushMs: 50 });
    await desk.outcomesAre(10);
    const own = desk.posted.filter(({ url }) => url === 'https://receiver.example/hook');
    assert.deepEqual(
      own.map(({ id }) => id),
      ['1+2+3', '4+5'],
    );
    assert.equal(desk.posted.length, 4);
  });
});
