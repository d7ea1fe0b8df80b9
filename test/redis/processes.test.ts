import assert from 'node:assert/strict';
import { until } from '../support/until';
import { INTERVAL_MS, LEASE_MS, type Crew } from './support/crew';
import { CrewStage, RESOURCES, workWhile } from './support/crew-stage';
import { LeaseWatch, waitOfOthers } from './support/lease-watch';

/** Of the keys of their state. */
const PREFIX = 'test';

describe('Three processes that share the state of a poll node on Redis', function () {
  this.timeout(180_000);
  let stage: CrewStage;
  let crew: Crew;

  before(async () => {
    stage = await CrewStage.build();
  });

  after(() => stage.remove());

  afterEach(() => crew.close());

  it('poll each resource once an interval, not three times, and have a share each', async () => {
    crew = await stage.begin('emitted', 1);
    await crew.untilShared(RESOURCES, 2);
    const watch = await LeaseWatch.start(crew.redis, PREFIX);
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
    crew = await stage.begin('emitted', 2);
    for (let round = 0; round < 2; round += 1) {
      await crew.untilPolled('accounts', () => true);
      const owner = await crew.ownerOf('accounts');
      await crew.kill(owner);
      const asked = { prefix: PREFIX, resource: 'accounts', leaseMs: LEASE_MS };
      const waitMs = await waitOfOthers(crew.redis, asked);
      assert.ok(waitMs <= 2 * LEASE_MS, `nobody else may for ${waitMs} ms`);
      await crew.untilPolled('accounts', (worker) => worker !== owner.name);
      crew.join();
      await workWhile(crew, () => Promise.resolve());
    }
    crew.check();
  });
});
