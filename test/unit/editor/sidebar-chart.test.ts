import assert from 'node:assert/strict';
import { chartOf } from '../../../nodes/editor/sidebar/chart';
import type { HistoryBar } from '../../../src/monitor/overview';

function bar(from: number, created: number, updated = 0, deleted = 0): HistoryBar {
  return { from, created, updated, deleted };
}

describe('the chart of events', () => {
  it('stacks the kinds from the bottom up, against the highest bar', () => {
    const { columns, highest } = chartOf([bar(0, 1, 2, 1), bar(1, 8)]);
    assert.equal(highest, 8);
    assert.deepEqual(columns[0]?.parts, [
      { kind: 'created', top: 87.5, height: 12.5 },
      { kind: 'updated', top: 62.5, height: 25 },
      { kind: 'deleted', top: 50, height: 12.5 },
    ]);
    assert.deepEqual(columns[1]?.parts[0], { kind: 'created', top: 0, height: 100 });
  });

  it('keeps a single event visible beside thousands', () => {
    const { columns } = chartOf([bar(0, 1), bar(1, 10_000)]);
    assert.equal(columns[0]?.parts[0]?.height, 2);
  });

  it('never grows beyond its height', () => {
    const { columns } = chartOf([bar(0, 10_000, 1, 1)]);
    for (const { top, height } of columns[0]?.parts ?? []) {
      assert.ok(top >= 0 && height >= 0 && top + height <= 100);
    }
  });

  it('adds up the kinds', () => {
    const { totals } = chartOf([bar(0, 1, 2, 3), bar(1, 10, 20, 30)]);
    assert.deepEqual(totals, { created: 11, updated: 22, deleted: 33 });
  });

  it('is flat without events', () => {
    const { columns, highest } = chartOf([bar(0, 0), bar(1, 0)]);
    assert.equal(highest, 0);
    assert.ok(columns.every(({ parts }) => parts.every(({ height }) => height === 0)));
  });
});
