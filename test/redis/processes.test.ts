import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Crew, INTERVAL_MS, LEASE_MS } from './support/crew';
import { bundleWorker, type Worker } from './support/worker';

const RESOURCES = ['accounts', 'contacts'];

describe('Three processes that share the state of a poll node on Redis', function () {
  this.timeout(60_000);
  let folder: string;
  let program: string;
  let crew: Crew;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-crew-'));
    program = await bundleWorker(folder);
  });

  after(async () => {
    await rm(folder, { recursive: true });
  });

  afterEach(() => crew.close());

  async function begin(commit: 'emitted' | 'acknowledged', seed: number): Promise<void> {
    crew = await Crew.start(program, commit, seed);
    crew.office.work(60);
    for (let count = 0; count < 3; count += 1) crew.join();
    await crew.untilAllCame();
    for (const resource of RESOURCES) await crew.untilPolled(resource, () => true);
  }

  /** A while's work comes through, whatever is done to the crew at its beginning. */
  async function workWhile(trouble: () => Promise<void>): Promise<void> {
    crew.office.work(40);
    await trouble();
    await crew.untilAllCame();
    crew.office.rest();
    await crew.untilAllCame();
  }

  async function killAndReplace(worker: Worker): Promise<void> {
    await crew.kill(worker);
    crew.join();
  }

  it('poll each resource once an interval, not three times, and have a share each', async () => {
    await begin('emitted', 1);
    await pause(2 * LEASE_MS);
    crew.polls.splice(0);
    const began = performance.now();
    await pause(12 * INTERVAL_MS);
    const intervals = (performance.now() - began) / INTERVAL_MS;
    for (const resource of RESOURCES) {
      const count = crew.polls.filter((poll) => poll.resource === resource).length;
      assert.ok(count <= intervals + 1, `${resource}: ${count} polls in ${intervals} intervals`);
      assert.ok(count >= intervals / 3, `${resource}: ${count} polls in ${intervals} intervals`);
    }
    const workers = new Set(crew.polls.map(({ worker }) => worker));
    assert.equal(workers.size, 2);
    crew.check();
  });

  it('take over from one that was killed, within two lease times', async () => {
    await begin('emitted', 2);
    for (let round = 0; round < 2; round += 1) {
      await crew.untilPolled('accounts', () => true);
      const owner = crew.ownerOf('accounts');
      await crew.kill(owner);
      const tookMs = await crew.untilPolled('accounts', (worker) => worker !== owner.name);
      assert.ok(tookMs <= 2 * LEASE_MS, `it took ${tookMs} ms`);
      crew.join();
      await workWhile(() => Promise.resolve());
    }
    crew.check();
  });

  for (const [commit, seed] of [
    ['emitted', 3],
    ['acknowledged', 4],
  ] as const) {
    describe(`lose nothing, and repeat only with equal event ids, with events done when ${commit}`, () => {
      it('when processes are killed while they work', async () => {
        await begin(commit, seed);
        for (const ms of [0, 60, 200]) {
          await workWhile(async () => {
            await pause(ms);
            await killAndReplace(crew.ownerOf('accounts'));
          });
        }
        crew.check();
      });

      it('when one stands still for longer than its lease, and goes on then', async () => {
        await begin(commit, seed + 10);
        for (const ms of [30, 200]) {
          await workWhile(async () => {
            await pause(ms);
            const owner = crew.ownerOf('accounts');
            owner.freeze();
            await crew.untilPolled('accounts', (worker) => worker !== owner.name);
            crew.office.work(20);
            await crew.untilPolled('accounts', (worker) => worker !== owner.name);
            owner.thaw();
          });
        }
        crew.check();
      });

      it('when Redis is killed and starts again on what its disk holds', async () => {
        await begin(commit, seed + 20);
        for (const ms of [20, 150]) {
          await workWhile(async () => {
            await pause(ms);
            await crew.redis.kill();
            crew.office.work(10);
            await pause(300);
            await crew.redis.launch();
          });
        }
        crew.check();
      });

      it('when connections to Redis break, and when it answers nobody for a while', async () => {
        await begin(commit, seed + 30);
        for (const ms of [20, 100, 250]) {
          await workWhile(async () => {
            await pause(ms);
            await crew.redis.ask('client', 'kill', 'type', 'normal');
          });
        }
        await workWhile(async () => {
          crew.redis.freeze();
          await pause(2 * LEASE_MS);
          crew.redis.thaw();
        });
        crew.check();
      });
    });
  }
});
