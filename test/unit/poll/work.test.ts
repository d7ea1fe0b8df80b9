import assert from 'node:assert/strict';
import { PollRig } from '../../support/poll-rig';
import { storeWorkOf } from '../../support/store-work';

const RECORDS = 1000;
const PAGE_SIZE = 100;
const PAGES = RECORDS / PAGE_SIZE;
/** Of 100 messages each. */
const SLICES = 10;

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

  it('is a request and a write a page, one wait for the disk, and a write a slice that is emitted', async () => {
    rig.crm.seed({ companies: RECORDS });
    await rig.advance(3600);
    const work = await storeWorkOf(() => rig.poll());
    assert.equal(rig.take().length, RECORDS);
    assert.equal(rig.simulator.requests.length, PAGES);
    assert.equal(work.synced, 1);
    assert.equal(work.writes, PAGES + SLICES + 1, 'and one for the start');
    // What was seen, each record; a block into the journal and out of it; the state once a page.
    assert.equal(work.operations, RECORDS + 2 * SLICES + PAGES);
    assert.equal(work.lookups, PAGES + SLICES + 1, 'what was seen, the slices, and the state');
    assert.equal(
      work.scans,
      SLICES + 4,
      'before the first slice and behind the last, and two at first',
    );
    assert.ok(work.characters < 850 * RECORDS, `${work.characters} characters were written`);
  });

  it('is one request, two lookups and no write when nothing is new', async () => {
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
