import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runCaptured, type CommandResult } from '../../scripts/process';
import { SharedStore } from '../../src/delivery/shared/shared-store';
import { LevelOutboxStore } from '../../src/store/level-outbox-store';
import { LevelPollStore } from '../../src/store/level-poll-store';
import type { ResourceState } from '../../src/store/poll-store';
import { RedisServer } from '../support/redis-server';
import { sampleMessage } from '../unit/delivery/support/sample';
import { changeOf, STATE } from '../unit/store/support/entries';
import { BUNDLE_ENV, bundled } from './support/bundle';
import { connect, Instance } from './support/instance';
import { startCluster } from './support/kinds';

const TEN = Date.parse('2026-01-31T10:00:00Z');
const THERE = ['--from', 'embedded', '--to', 'redis'];
const BACK = ['--from', 'redis', '--to', 'embedded'];
/** A node inside a subflow, whose id is no name of a folder as it is. */
const CALLBACK = 'sub:flow/callback';

describe('The command sagecrm-migrate', function () {
  this.timeout(60_000);
  let redis: RedisServer;
  let folder: string;
  let program: string;
  let userDir: string;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-migrate-'));
    program = await bundled('migrate', folder);
    redis = await RedisServer.start({ isForgetful: true });
  });

  after(async () => {
    await redis.stop();
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    await redis.ask('flushall');
    userDir = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-command-'));
    await fill();
  });

  afterEach(async () => {
    await rm(userDir, { recursive: true });
  });

  function folderOf(id: string): string {
    return path.join(userDir, 'sagecrm', encodeURIComponent(id));
  }

  /** A poll node with two resources, and a callback node. */
  async function fill(): Promise<void> {
    const poll = await LevelPollStore.open(folderOf('poll'));
    for (const resource of ['accounts', 'contacts']) {
      await poll.append(resource, [changeOf({ id: resource, date: TEN })], STATE);
    }
    await poll.close();
    const outbox = await LevelOutboxStore.open(folderOf(CALLBACK));
    for (const id of ['dead', 'first', 'second']) {
      const message = sampleMessage({ eventId: id, objectId: 'a' });
      await outbox.take({ message, target: '', instanceId: 'poll', lane: 'a', takenAt: TEN });
    }
    const [entry] = await outbox.read([1]);
    assert.ok(entry !== undefined);
    const reason = { code: 'DELIVERY_REFUSED', message: 'no' };
    await outbox.bury([{ entry, reason, attempts: 1 }], TEN);
    await outbox.close();
  }

  function migrate(args: readonly string[], env = {}): Promise<CommandResult> {
    return runCaptured(process.execPath, [program, '--user-dir', userDir, ...args], {
      env: { ...BUNDLE_ENV, SAGECRM_REDIS_URL: redis.url, ...env },
    });
  }

  async function stateOnRedis(
    resource: string,
    prefix = 'sagecrm',
  ): Promise<ResourceState | undefined> {
    const owner = 'test';
    const instance = new Instance({ url: redis.url, prefix, owner, node: 'poll' });
    try {
      return await instance.store.readState(resource);
    } finally {
      await instance.close();
    }
  }

  async function outboxOnRedis(): Promise<{ depth: number; dead: number }> {
    const connection = connect(redis.url);
    try {
      const { depth, dead } = await new SharedStore(connection, 'sagecrm', CALLBACK).counts();
      return { depth, dead };
    } finally {
      connection.close();
    }
  }

  it('moves all nodes to Redis and back, and tells what it moved', async () => {
    const there = await migrate(THERE);
    assert.equal(there.code, 0, there.output);
    assert.match(there.output, /sagecrm-poll poll\n {2}accounts: 1 events not handed over, 1 ids/);
    assert.match(
      there.output,
      /sagecrm-callback sub:flow\/callback\n {2}outbox: 2 events waiting, 1 dead/,
    );
    assert.match(there.output, /choose Redis as the store/);
    assert.deepEqual(await stateOnRedis('contacts'), STATE);
    assert.deepEqual(await outboxOnRedis(), { depth: 2, dead: 1 });

    const again = await migrate(THERE);
    assert.equal(again.code, 0, again.output);
    assert.match(again.output, /contacts: nothing to move/);

    await rm(folderOf('poll'), { recursive: true });
    const back = await migrate(BACK);
    assert.equal(back.code, 0, back.output);
    assert.match(back.output, /outbox: 2 events waiting, 1 dead/);
    const poll = await LevelPollStore.open(folderOf('poll'));
    assert.deepEqual(await poll.readState('accounts'), STATE);
    await poll.close();
    const outbox = await LevelOutboxStore.open(folderOf(CALLBACK));
    const [first, second] = await outbox.scan('', 0, 10);
    const events = await outbox.read([first?.seq ?? 0, second?.seq ?? 0]);
    assert.deepEqual(
      events.map(({ message }) => message.event.eventId),
      ['first', 'second'],
    );
    assert.equal(outbox.letters.count, 1);
    await outbox.close();
    assert.deepEqual(await outboxOnRedis(), { depth: 0, dead: 0 });
  });

  it('moves to a cluster and back', async () => {
    const cluster = await startCluster();
    try {
      const env = { SAGECRM_REDIS_URL: `redis+cluster://${cluster.host}` };
      const there = await migrate(THERE, env);
      assert.equal(there.code, 0, there.output);
      const back = await migrate(BACK, env);
      assert.equal(back.code, 0, back.output);
      assert.match(back.output, /accounts: 1 events/);
      assert.match(back.output, /outbox: 2 events waiting, 1 dead/);
    } finally {
      await cluster.stop();
    }
  });

  it('only tells what it would move, in both directions', async () => {
    const look = await migrate([...THERE, '--dry-run']);
    assert.equal(look.code, 0, look.output);
    assert.match(look.output, /nothing is changed/);
    assert.match(look.output, /outbox: 2 events waiting, 1 dead/);
    assert.deepEqual(await redis.ask('keys', '*'), []);
    await migrate(THERE);
    for (const id of ['poll', CALLBACK]) await rm(folderOf(id), { recursive: true });
    const lookBack = await migrate([...BACK, '--dry-run']);
    assert.match(lookBack.output, /accounts: 1 events/);
    assert.match(lookBack.output, /outbox: 2 events waiting, 1 dead/);
    assert.ok(!existsSync(folderOf('poll')));
    assert.deepEqual(await outboxOnRedis(), { depth: 2, dead: 1 });
  });

  it('moves the nodes that are named, under the prefix that is named', async () => {
    const { code } = await migrate([...THERE, '--node', 'poll', '--prefix', 'other']);
    assert.equal(code, 0);
    assert.deepEqual(await stateOnRedis('accounts', 'other'), STATE);
    const keys = (await redis.ask('keys', '*')) as string[];
    assert.ok(
      keys.every((key) => key.startsWith('{other:poll:poll')),
      keys.join(),
    );
  });

  it('tells of a node that it does not find, and moves the others', async () => {
    const { code, output } = await migrate([...THERE, '--node', 'gone', '--node', 'poll']);
    assert.equal(code, 1);
    assert.match(output, /INPUT_INVALID: the node gone has no state in this user directory/);
    assert.deepEqual(await stateOnRedis('accounts'), STATE);
  });

  it('refuses while Node-RED has the state open', async () => {
    const running = await LevelPollStore.open(folderOf('poll'));
    const { code, output } = await migrate(THERE);
    await running.close();
    assert.equal(code, 1);
    assert.match(output, /STATE_LOCKED: Node-RED.*stop it, then run the command again/);
    assert.deepEqual(await redis.ask('keys', '*'), []);
  });

  it('leaves alone what Redis has of its own, and moves the rest', async () => {
    const instance = new Instance({ url: redis.url, prefix: 'sagecrm', owner: 'a', node: 'poll' });
    await instance.leases.of('accounts').acquire('now');
    await instance.store.append('accounts', [], { ...STATE, cursor: TEN });
    await instance.close();
    const { code, output } = await migrate(THERE);
    assert.equal(code, 1);
    assert.match(
      output,
      /STATE_PRESENT: both Redis and the embedded store have a state of accounts/,
    );
    assert.equal((await stateOnRedis('accounts'))?.cursor, TEN);
    assert.deepEqual(await stateOnRedis('contacts'), STATE);
    assert.deepEqual(await outboxOnRedis(), { depth: 2, dead: 1 });
  });

  it('tells that Redis is away, and that it was not told where it is', async () => {
    const away = await migrate(THERE, { SAGECRM_REDIS_URL: 'redis://127.0.0.1:9' });
    assert.equal(away.code, 1);
    assert.match(away.output, /REDIS_UNAVAILABLE/);
    const unknown = await migrate(THERE, { SAGECRM_REDIS_URL: '' });
    assert.equal(unknown.code, 1);
    assert.match(unknown.output, /set the environment variable SAGECRM_REDIS_URL/);
  });

  it('says what it takes, and refuses what it does not understand', async () => {
    const help = await migrate(['--help']);
    assert.equal(help.code, 0);
    assert.match(help.output, /--from, --to/);
    for (const args of [
      ['--from', 'embedded'],
      ['--form', 'redis'],
      ['--from', 'redis', '--to', 'redis'],
    ]) {
      const { code, output } = await migrate(args);
      assert.equal(code, 2);
      assert.match(output, /INPUT_INVALID.*--help/);
    }
  });
});
