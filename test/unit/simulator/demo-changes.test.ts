import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { SimulatedClock } from '../../simulator/clock';
import { SimulatedCrm } from '../../simulator/data';
import { makeDemoChange, startDemoChanges } from '../../simulator/demo-changes';

/** The same numbers every time, well spread (a linear congruential generator). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('demo changes', () => {
  let crm: SimulatedCrm;

  beforeEach(() => {
    crm = new SimulatedCrm(SimulatedClock.at('2026-01-31T10:00:00Z'));
  });

  it('create the first record of an empty database', () => {
    assert.equal(makeDemoChange(crm, () => 0.99).version, 1);
  });

  it('create and update records of every kind', () => {
    const random = seeded(1);
    for (let n = 0; n < 300; n += 1) makeDemoChange(crm, random);
    const kinds = new Set(crm.commitLog.map((change) => `${change.kind} ${change.entity}`));
    assert.equal(kinds.size, 10);
  });

  it('change something a reader can see', () => {
    crm.create('lead');
    const before = crm.row('lead', 1);
    const lead = 4 / 7 + 0.01;
    const numbers = [lead, 0, 0.9, 0.001];
    const after = makeDemoChange(crm, () => numbers.shift() ?? 0);
    assert.equal(after.entity, 'lead');
    assert.equal(after.version, 2);
    assert.notEqual(after.fields.Lead_Stage, before?.fields.Lead_Stage);
  });

  it('come at the given pace until they are stopped', () => {
    let tick = (): void => undefined;
    let stopped = false;
    const stop = startDemoChanges(crm, {
      everyMs: 500,
      random: seeded(2),
      repeat: (everyMs, run) => {
        assert.equal(everyMs, 500);
        tick = run;
        return () => (stopped = true);
      },
    });
    assert.equal(crm.commitLog.length, 0);
    tick();
    tick();
    assert.equal(crm.commitLog.length, 2);
    stop();
    assert.equal(stopped, true);
  });

  it('run on a timer of their own when nothing else is given', async () => {
    await new Promise<void>((resolve) => {
      const random = seeded(3);
      const stop = startDemoChanges(crm, {
        everyMs: 1,
        random: () => {
          if (crm.commitLog.length === 2) {
            stop();
            resolve();
          }
          return random();
        },
      });
    });
    assert.equal(crm.commitLog.length, 3, 'the change under way is the last');
  });
});
