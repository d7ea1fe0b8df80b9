import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { until } from '../support/until';
import { bundled } from './support/bundle';
import { Crew, INTERVAL_MS, LEASE_MS } from './support/crew';
import { LeaseWatch, waitOfOthers } from './support/lease-watch';
import type { Worker } from './support/worker';

const RESOURCES = ['accounts', 'contacts'];
/** Of the keys of their state. */
const PREFIX = 'test';

describe('Three processes that share the state of a poll node on Redis', function () {
  this.timeout(180_000);
  let folder: string;
  let program: string;
  let crew: Crew;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-crew-'));
    program = await bundled('program', folder);
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
    await crew.untilShared(RESOURCES, 2);
    const watch = await LeaseWatch.start(crew.redis.url, PREFIX);
    try {
      await until('all were polled often enough', () =>
        RESOURCES.every((resource) => watch.grantsOf(resource).length >= 12),
      );
      for (const resource of RESOURCES) watch.check(resource, INTERVAL_MS);
    } finally {
      watch.stop();
    }
    await crew.untilShared(RESOURCES, 4);
    crew.check();
  });

  /** That they do so as soon as they may, the model of leases proves with clocks that it moves itself. */
  it('may take over from one that was killed within two lease times, and do', async () => {
    await begin('emitted', 2);
    for (let round = 0; round < 2; round += 1) {
      await crew.untilPolled('accounts', () => true);
      const owner = crew.ownerOf('accounts');
      await crew.kill(owner);
      const asked = { prefix: PREFIX, resource: 'accounts', leaseMs: LEASE_MS };
      const waitMs = await waitOfOthers(crew.redis, asked);
      assert.ok(waitMs <= 2 * LEASE_MS, `nobody else may for ${waitMs} ms`);
      await crew.untilPolled('accounts', (worker) => worker !== owner.name);
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
        for (const messages of [1, 10, 30]) {
          await workWhile(async () => {
            await crew.untilEmitted(messages);
            await killAndReplace(crew.ownerOf('accounts'));
          });
        }
        crew.check();
      });

      it('when one stands still for longer than its lease, and goes on then', async () => {
        await begin(commit, seed + 10);
        for (const messages of [1, 25]) {
          await workWhile(async () => {
            await crew.untilEmitted(messages);
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
        for (const messages of [1, 25]) {
          await workWhile(async () => {
            await crew.untilEmitted(messages);
            await crew.redis.kill();
            crew.office.work(10);
            await crew.untilFailing();
            await crew.redis.launch();
          });
        }
        crew.check();
      });

      it('when connections to Redis break, and when it answers nobody for a while', async () => {
        await begin(commit, seed + 30);
        for (const messages of [1, 10, 30]) {
          await workWhile(async () => {
            await crew.untilEmitted(messages);
            await crew.redis.ask('client', 'kill', 'type', 'normal');
          });
        }
        await workWhile(async () => {
          crew.redis.freeze();
          await crew.untilFailing();
          crew.redis.thaw();
        });
        crew.check();
      });
    });
  }
});
