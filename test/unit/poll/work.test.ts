import assert from 'node:assert/strict';
import { PollRig } from '../../support/poll-rig';
import { storeWorkOf } from '../../support/store-work';

const RECORDS = 1000;
const PAGE_SIZE = 100;
const PAGES = RECORDS / PAGE_SIZE;
/** Of 100 messages each. */
const SLICES = 10;
/** Of five blocks each. */
const READINGS = 2;
const HOUR_MS = 3_600_000;

/**
 * Counted work stands for speed here: unlike time it is the same on every machine. A count that goes
 * up needs a reason; one that goes down needs only a new number.
 */
describe('The work of a poll', () => {
  let rig: PollRig;

  beforeEach(async () => {
    rig = await PollRig.start({ start: { from: 'all' }, raw: { pageSize: PAGE_SIZE } });
  });

  afterEach(() => rig.close());

  /** A record an hour, the last one an hour ago. */
  function seedOfWeeks(): void {
    const now = rig.clock.now();
    const stamp = (index: number): number => now - (RECORDS - index) * HOUR_MS;
    rig.crm.seed({ companies: RECORDS }, { stamp });
  }

  it('of a backlog is a request and a write a page, one wait for the disk, and a write a slice that is emitted', async () => {
    seedOfWeeks();
    const work = await storeWorkOf(() => rig.poll());
    assert.equal(rig.take().length, RECORDS);
    assert.equal(rig.simulator.requests.length, PAGES);
    assert.equal(work.synced, 1);
    assert.equal(work.writes, PAGES + SLICES + 1, 'and one that forgets what was seen');
    // A block into the journal and out of it; the state once a page; what was seen, into the log
    // once a page and out of it, but for the last page, each of whose records has an entry.
    assert.equal(work.operations, 2 * SLICES + PAGES + 2 * (PAGES - 1) + 1);
    assert.equal(work.lookups, READINGS + 1, 'the journal and the state; nothing was seen before');
    assert.ok(work.characters < 340 * RECORDS, `${work.characters} characters were written`);
  });

  it('of records of this hour is also an entry for each, since the next poll may show it again', async () => {
    rig.crm.seed({ companies: RECORDS });
    await rig.advance(60);
    const work = await storeWorkOf(() => rig.poll());
    assert.equal(rig.take().length, RECORDS);
    assert.equal(work.synced, 1);
    assert.equal(work.writes, 2 * PAGES - 1 + SLICES, 'also one for each write in the log');
    assert.equal(work.operations, RECORDS + 2 * SLICES + PAGES + 2 * (PAGES - 1));
  });

  it('of nothing new is one request, two lookups and no write', async () => {
    rig.crm.seed({ companies: RECORDS });
    await rig.advance(3600);
    assert.equal((await rig.pollAndTake()).length, RECORDS);
    await rig.advance(900);
    rig.crm.create('company');
    assert.equal((await rig.pollAndTake()).length, 1);
    await rig.advance(900);
    const before = rig.simulator.requests.length;
    const work = await storeWorkOf(() => rig.poll());
    assert.deepEqual(rig.take(), []);
    assert.equal(rig.simulator.requests.length - before, 1);
    assert.deepEqual(work, {
      ...{ writes: 0, synced: 0, operations: 0, characters: 0, lookups: 2, scans: 0 },
    });
  });
});
