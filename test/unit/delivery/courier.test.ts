import assert from 'node:assert/strict';
import { FAILURES_TO_OPEN, FIRST_PAUSE_MS } from '../../../src/delivery/breaker';
import { Breakers } from '../../../src/delivery/shared/breakers';
import type { SharedJob } from '../../../src/delivery/shared/bull-mq';
import { Courier, type CourierOptions } from '../../../src/delivery/shared/courier';
import type { Task } from '../../../src/delivery/shared/shared-tasks';
import { ManualClock } from '../../support/manual-clock';

const TARGET = 'target';

describe('A courier whose target may be asked whether it is back', () => {
  let clock: ManualClock;
  let breakers: Breakers;

  beforeEach(async () => {
    clock = new ManualClock();
    breakers = new Breakers(clock, () => 0.5);
    const breaker = breakers.of(TARGET);
    for (let failed = 0; failed < FAILURES_TO_OPEN; failed += 1) breaker.failed(breaker.begin());
    await clock.advance(2 * FIRST_PAUSE_MS);
    assert.equal(breaker.state, 'half-open');
  });

  function courier(begin: () => Promise<Task>): Courier {
    const options: Partial<CourierOptions> = {
      ...{ breakers, clock, random: () => 0.5, lockOf: (id) => `${id}:lock` },
      signal: new AbortController().signal,
      steadily: (run) => run(),
    };
    return new Courier({ ...options, tasks: { begin } } as unknown as CourierOptions);
  }

  const job = {
    ...{ id: 'e1', attemptsMade: 0 },
    data: { lane: 'lane', target: TARGET, group: 'group' },
  } as unknown as SharedJob;

  it('leaves the question to the next job when this one has nothing to send', async () => {
    await courier(() => Promise.resolve({ kind: 'over' })).carry(job, 'token');
    assert.equal(breakers.of(TARGET).admits, true);
  });

  it('leaves it to the next job when this one could not begin', async () => {
    const fault = new Error('not expected');
    await assert.rejects(courier(() => Promise.reject(fault)).carry(job, 'token'), fault);
    assert.equal(breakers.of(TARGET).admits, true);
  });
});
