import assert from 'node:assert/strict';
import { jobOf, waitLeft } from '../../../src/delivery/job';
import { LaneTable } from '../../../src/delivery/lane-table';

const mark = (seq: number, lane: string) => ({ seq, lane, group: 'g' });

describe('LaneTable', () => {
  it('forgets a lane that nothing else waits for', () => {
    const lanes = new LaneTable();
    const job = jobOf([mark(1, 'a'), mark(2, 'b')], undefined);
    lanes.hold('a', job);
    lanes.hold('b', job);
    lanes.skip('b');
    assert.deepEqual(lanes.release(job), ['b']);
    assert.equal(lanes.isFree('a'), true);
    assert.equal(lanes.isFree('b'), false);
  });

  it('lets an event follow into the job that holds its lane, unless one was passed over', () => {
    const lanes = new LaneTable();
    const [job, other] = [jobOf([mark(1, 'a')], undefined), jobOf([mark(2, 'b')], undefined)];
    assert.equal(lanes.mayFollow('a', job), true);
    lanes.hold('a', job);
    assert.equal(lanes.mayFollow('a', job), true);
    assert.equal(lanes.mayFollow('a', other), false);
    lanes.skip('a');
    assert.equal(lanes.mayFollow('a', job), false);
  });

  it('asks for another look-up when one was passed over during an empty one', () => {
    const lanes = new LaneTable();
    const job = jobOf([mark(1, 'a')], undefined);
    lanes.hold('a', job);
    lanes.skip('a');
    lanes.release(job);
    lanes.beginLookUp('a');
    lanes.skip('a');
    assert.equal(lanes.endEmpty('a'), false);
    lanes.beginLookUp('a');
    assert.equal(lanes.endEmpty('a'), true);
    assert.equal(lanes.size, 0);
  });
});

describe('waitLeft', () => {
  const job = jobOf([mark(1, 'a')], {
    ...{ attempts: 1, faults: 0, single: false },
    dueAt: 100,
    waitMs: 30,
  });

  it('is what is left by the wall clock, within the wait that was meant', () => {
    assert.deepEqual(
      [0, 70, 90, 100, 500].map((now) => waitLeft(job, now)),
      [30, 30, 10, 0, 0],
    );
    assert.equal(waitLeft(jobOf([mark(1, 'a')], undefined), 0), 0);
  });
});
