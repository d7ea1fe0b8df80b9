import assert from 'node:assert/strict';
import type { CrmRecord } from '../../../src/event/event';
import { pollDateAt, toChange } from '../../../src/poll/changes';
import { Pass } from '../../../src/poll/pass';
import type { Change, SeenVersion } from '../../../src/store/poll-store';
import { accounts, at, candidate, record, stamp } from './support/candidates';

const BEGAN = at('10:00:00');

interface ReadPage {
  rows: CrmRecord[];
  total?: number;
}

function passOver(pages: readonly ReadPage[], isRepeat = false): Pass {
  const pass = new Pass({ began: BEGAN, isRepeat, cursor: at('08:00:00') });
  pages.forEach(({ rows, total }, index) => {
    const page = { rows, total, more: index < pages.length - 1 };
    const candidates = rows.map((row) => candidate(row));
    pass.notePage(page);
    pass.noteCandidates(candidates, BEGAN);
  });
  return pass;
}

function change(row: CrmRecord, before: readonly SeenVersion[] = []): Change {
  const resource = accounts();
  const context = { resource, instanceName: '', tags: [], pollDate: pollDateAt(BEGAN) };
  return toChange(candidate(row), 'UPDATED', before, context);
}

function old(key: string): CrmRecord {
  return record(key, stamp('09:00:00'));
}

describe('a pass over the pages', () => {
  it('is complete on a single page, whatever is on it', () => {
    assert.equal(
      passOver([{ rows: [record('1', stamp('10:00:05'))], total: 9 }]).isComplete(),
      true,
    );
    assert.equal(passOver([]).isComplete(), true);
  });

  it('is complete over several pages that show no trace of a change', () => {
    const pages = [
      { rows: [old('1')], total: 2 },
      { rows: [old('2')], total: 2 },
    ];
    assert.equal(passOver(pages).isComplete(), true);
  });

  it('is in doubt when the total changed on the way', () => {
    const pages = [
      { rows: [old('1')], total: 3 },
      { rows: [old('2')], total: 2 },
    ];
    assert.equal(passOver(pages).isComplete(), false);
  });

  it('is not in doubt where no total is told', () => {
    assert.equal(passOver([{ rows: [old('1')] }, { rows: [old('2')] }]).isComplete(), true);
  });

  it('is in doubt when a record was written after it began, or in the same second', () => {
    for (const time of ['10:00:00', '10:00:05']) {
      const pages = [{ rows: [old('1')] }, { rows: [record('2', stamp(time))] }];
      assert.equal(passOver(pages).isComplete(), false, time);
    }
  });

  describe('over several pages, without a trace in its dates,', () => {
    function shownBefore(until: number | null): Pass {
      const pass = passOver([{ rows: [old('1')] }, { rows: [old('2')] }]);
      pass.noteNew([change(old('1'), [['another version', until]])]);
      return pass;
    }

    it('is in doubt when it shows a record once more, in another version', () => {
      assert.equal(shownBefore(at('08:30:00')).isComplete(), false);
    });

    it('is not in doubt when a poll before has shown the other version', () => {
      assert.equal(shownBefore(at('08:00:00')).isComplete(), true);
      assert.equal(shownBefore(null).isComplete(), true);
    });
  });

  describe('repeated', () => {
    const pages = [{ rows: [old('1')] }, { rows: [record('2', stamp('10:00:05'))] }];

    function repeatedWith(found: CrmRecord[]): Pass {
      const pass = passOver(pages, true);
      pass.noteNew(found.map((row) => change(row)));
      return pass;
    }

    it('is complete when it finds nothing new', () => {
      assert.equal(repeatedWith([]).isComplete(), true);
    });

    it('is complete when all it finds was written meanwhile', () => {
      assert.equal(repeatedWith([record('3', stamp('10:00:05'))]).isComplete(), true);
    });

    it('is in doubt when it finds what the pass before should have shown', () => {
      assert.equal(repeatedWith([old('3')]).isComplete(), false);
    });
  });

  it('knows the greatest date that is not in the future of the server', () => {
    const rows = [
      record('1', stamp('09:30:00')),
      record('2', stamp('09:59:59')),
      record('3', stamp('09:00:00')),
      record('4', '2031-01-01T00:00:00Z'),
      record('5', 'yesterday'),
      record('6', null),
    ];
    assert.equal(passOver([{ rows }]).greatestDate, at('09:59:59'));
    assert.equal(passOver([{ rows: [] }]).greatestDate, null);
    assert.equal(passOver([{ rows: [record('1', null)] }]).greatestDate, null);
  });
});
