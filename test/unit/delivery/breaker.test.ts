import assert from 'node:assert/strict';
import { Breaker, FAILURES_TO_OPEN } from '../../../src/delivery/breaker';
import { ManualClock } from '../../support/manual-clock';

describe('Breaker', () => {
  let clock: ManualClock;
  let breaker: Breaker;

  beforeEach(() => {
    clock = new ManualClock();
    breaker = new Breaker(clock, () => 0.5);
  });

  function fail(times: number): void {
    for (let time = 0; time < times; time += 1) {
      assert.equal(breaker.admits, true);
      breaker.failed(breaker.begin());
    }
  }

  it('lets requests go until five in a row have failed', () => {
    fail(4);
    breaker.begin();
    breaker.succeeded();
    fail(4);
    assert.equal(breaker.state, 'closed');
    assert.equal(breaker.isClear, false);
    fail(1);
    assert.equal(breaker.state, 'open');
    assert.equal(breaker.admits, false);
  });

  it('is half-open after 30 s and lets a single request go', async () => {
    fail(FAILURES_TO_OPEN);
    await clock.advance(29_999);
    assert.equal(breaker.admits, false);
    assert.equal(breaker.pauseMs, 1);
    await clock.advance(1);
    assert.equal(breaker.state, 'half-open');
    assert.equal(breaker.admits, true);
    breaker.begin();
    assert.equal(breaker.admits, false);
  });

  it('closes when the probe succeeds, and forgets all failures', async () => {
    fail(FAILURES_TO_OPEN);
    await clock.advance(30_000);
    breaker.begin();
    breaker.succeeded();
    assert.equal(breaker.state, 'closed');
    assert.equal(breaker.isClear, true);
    fail(4);
    assert.equal(breaker.state, 'closed');
  });

  it('doubles its pause with each probe that fails, up to five minutes', async () => {
    fail(FAILURES_TO_OPEN);
    const pauses: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      pauses.push(breaker.pauseMs / 1000);
      await clock.advance(breaker.pauseMs);
      fail(1);
    }
    assert.deepEqual(pauses, [30, 60, 120, 240, 300, 300]);
    await clock.advance(300_000);
    breaker.begin();
    breaker.succeeded();
    fail(FAILURES_TO_OPEN);
    assert.equal(breaker.pauseMs, 30_000);
  });

  it('takes another probe when one was withdrawn', async () => {
    fail(FAILURES_TO_OPEN);
    await clock.advance(30_000);
    breaker.withdrawn(breaker.begin());
    assert.equal(breaker.state, 'half-open');
    assert.equal(breaker.admits, true);
  });

  it('is not kept open by requests from before, but is closed by the success of one', () => {
    const [early, late] = [breaker.begin(), breaker.begin()];
    fail(FAILURES_TO_OPEN);
    breaker.failed(early);
    breaker.withdrawn(late);
    assert.equal(breaker.pauseMs, 30_000);
    breaker.succeeded();
    assert.equal(breaker.state, 'closed');
  });

  it('spreads its pause by a tenth', () => {
    breaker = new Breaker(clock, () => 0);
    fail(FAILURES_TO_OPEN);
    assert.equal(breaker.pauseMs, 27_000);
  });

  it('does not follow the wall clock', async () => {
    fail(FAILURES_TO_OPEN);
    clock.step(86_400_000);
    assert.equal(breaker.state, 'open');
    clock.step(-2 * 86_400_000);
    await clock.advance(30_000);
    assert.equal(breaker.state, 'half-open');
  });
});
