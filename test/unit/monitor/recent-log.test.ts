import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RecentLog, type Numbered } from '../../../src/monitor/recent-log';

const MOST = 5;

/** What a test does to a log: a number is added; the others are named. */
type Step = number | 'save' | 'fail to save' | 'restart' | 'remove odd';

/** A log with a disk, and what should be in it if there were no disk. */
class Rig {
  log = new RecentLog<number>(MOST);
  readonly disk = new Map<number, number>();
  expected: number[] = [];
  private isDiskStale = false;

  take(step: Step): void {
    if (typeof step === 'number') {
      this.log.add(step);
      this.expected = [...this.expected, step].slice(-MOST);
    } else if (step === 'save') this.save();
    else if (step === 'fail to save') {
      this.log.takeChanges();
      this.log.forgetStored();
      this.isDiskStale = true;
    } else if (step === 'restart') this.restart();
    else {
      this.log.removeWhere((number) => number % 2 === 1);
      this.expected = this.expected.filter((number) => number % 2 === 0);
    }
  }

  save(): void {
    if (this.isDiskStale) this.disk.clear();
    this.isDiskStale = false;
    const { added, removed } = this.log.takeChanges();
    for (const seq of removed) assert.ok(this.disk.delete(seq), 'removes what is not on disk');
    for (const { seq, entry } of added) this.disk.set(seq, entry);
    assert.equal(this.log.hasChanges, false);
    assert.ok(this.disk.size <= MOST, 'the disk holds more than the memory');
  }

  private restart(): void {
    this.save();
    this.log = new RecentLog<number>(MOST);
    this.log.restore(this.stored());
  }

  stored(): Numbered<number>[] {
    return [...this.disk].sort(([a], [b]) => a - b).map(([seq, entry]) => ({ seq, entry }));
  }
}

describe('the last entries of a row', () => {
  it('are kept newest first, up to a number', () => {
    const log = new RecentLog<number>(3);
    for (const number of [1, 2, 3, 4, 5]) log.add(number);
    assert.deepEqual([...log.newestFirst()], [5, 4, 3]);
  });

  it('are in memory and on disk alike, whatever is added, removed, lost and restarted', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.nat(99) },
      {
        weight: 2,
        arbitrary: fc.constantFrom<Step>('save', 'fail to save', 'restart', 'remove odd'),
      },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const rig = new Rig();
        for (const taken of steps) {
          rig.take(taken);
          assert.deepEqual([...rig.log.newestFirst()].reverse(), rig.expected);
        }
        rig.save();
        assert.deepEqual(
          rig.stored().map(({ entry }) => entry),
          rig.expected,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('come after those of an earlier run when they were added before it was read', () => {
    const log = new RecentLog<string>(3);
    log.add('new');
    log.restore([
      { seq: 7, entry: 'old' },
      { seq: 9, entry: 'older than new' },
    ]);
    assert.deepEqual([...log.newestFirst()], ['new', 'older than new', 'old']);
    assert.deepEqual(log.takeChanges(), { added: [{ seq: 10, entry: 'new' }], removed: [] });
  });
});
