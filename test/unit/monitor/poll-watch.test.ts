import assert from 'node:assert/strict';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { CallbackWatch } from '../../../src/monitor/callback-watch';
import { PollWatch, type PollerView } from '../../../src/monitor/poll-watch';
import type { PollReport, ResourceStatus } from '../../../src/poll/poller-status';
import { ManualClock } from '../../support/manual-clock';

const REPORT: PollReport = {
  resource: 'accounts',
  created: 2,
  updated: 1,
  pages: 1,
  durationMs: 12,
  cursor: '2026-01-31T09:00:00Z',
};
const STATUS: ResourceStatus = {
  resource: 'accounts',
  cursor: '2026-01-31T09:00:00Z',
  nextPollInMs: 5000,
  failures: 0,
  lastReport: REPORT,
};
const SLOW = new SageCrmError('TIMEOUT', 'it took long', 'wait');
const FAILED: PollReport = { ...REPORT, error: { code: 'TIMEOUT', message: 'it took long: wait' } };

function viewOf(change: Partial<PollerView> = {}): PollerView {
  return {
    paused: false,
    unacknowledged: 0,
    resources: [],
    storedCursors: new Map(),
    ...change,
  };
}

describe('the overview of a poll node', () => {
  let clock: ManualClock;
  let watch: PollWatch;

  beforeEach(() => {
    clock = new ManualClock();
    watch = new PollWatch(['accounts', 'contacts'], clock);
  });

  it('names every resource before the first poll, with the cursor that is stored', () => {
    const storedCursors = new Map([['accounts', '2026-01-30T00:00:00Z']]);
    const { state, resources } = watch.overview(viewOf({ storedCursors }));
    assert.equal(state, 'idle');
    const unknown = { lastPollAt: null, nextPollAt: null, failures: 0 };
    assert.deepEqual(resources, [
      { resource: 'accounts', cursor: '2026-01-30T00:00:00Z', ...unknown },
      { resource: 'contacts', cursor: null, ...unknown },
    ]);
  });

  it('tells the last and the next poll', () => {
    watch.noteReport(REPORT);
    const polledAt = clock.now();
    clock.step(1000);
    const [accounts] = watch.overview(viewOf({ resources: [STATUS] })).resources;
    assert.deepEqual(accounts, {
      resource: 'accounts',
      lastPollAt: polledAt,
      nextPollAt: clock.now() + 5000,
      cursor: '2026-01-31T09:00:00Z',
      failures: 0,
      last: REPORT,
    });
  });

  it('plans no next poll while polls are off', () => {
    const { resources } = watch.overview(viewOf({ resources: [STATUS], paused: true }));
    assert.equal(resources[0]?.nextPollAt, null);
  });

  it('tells why a resource fails until a poll succeeds', () => {
    watch.noteReport(FAILED);
    watch.noteProblem(SLOW, 'accounts');
    watch.noteReport(FAILED);
    const problem = (): unknown => watch.overview(viewOf()).resources[0]?.problem;
    const expected = { at: clock.now(), code: 'TIMEOUT', message: 'it took long' };
    assert.deepEqual(problem(), { ...expected, nextStep: 'wait' });
    watch.noteReport(REPORT);
    assert.equal(problem(), undefined);
  });

  it('tells what keeps the node as a whole from polling until it polls again', () => {
    watch.noteProblem(SLOW, undefined);
    watch.noteStatus({ kind: 'failed', resource: undefined, error: SLOW });
    const failing = watch.overview(viewOf());
    assert.equal(failing.state, 'failed');
    assert.equal(failing.problem?.code, 'TIMEOUT');
    watch.noteStatus({
      ...{ kind: 'polling', resource: 'accounts' },
      ...{ position: 1, count: 1, records: 0 },
    });
    assert.equal(watch.overview(viewOf()).problem, undefined);
  });

  it('tells why the log-on was refused', () => {
    const error = new SageCrmError('LOGON_REFUSED', 'wrong password', 'mend it');
    watch.noteStatus({ kind: 'refused', error });
    const { state, problem } = watch.overview(viewOf({ paused: true }));
    assert.equal(state, 'refused');
    assert.equal(problem?.nextStep, 'mend it');
  });
});

describe('the problem of a callback node', () => {
  it('stands until a delivery succeeds, and is news only when it is another one', () => {
    const watch = new CallbackWatch(new ManualClock());
    assert.equal(watch.noteProblem(SLOW), true);
    assert.equal(watch.noteProblem(SLOW), false);
    assert.equal(watch.noteProblem(new SageCrmError('UNREACHABLE', 'gone', 'look')), true);
    assert.equal(watch.problem?.code, 'UNREACHABLE');
    watch.noteDelivered();
    assert.equal(watch.problem, undefined);
    assert.equal(watch.noteProblem(SLOW), true);
  });
});
