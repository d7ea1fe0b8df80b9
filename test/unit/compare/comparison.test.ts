import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compare,
  CONTESTANTS,
  isClean,
  tallyOf,
  TRANSCRIPTIONS,
  type Row,
} from '../../compare/comparison';
import { thisPackage } from '../../compare/pollers/this-package';
import { SCENARIOS } from '../../compare/scenarios/all';
import { BASELINE } from '../../compare/scenarios/changes';
import { markdownTable } from '../../compare/table';

const ROOT = path.resolve(__dirname, '../../..');
const DOCUMENTS = ['README.md', 'docs/comparison.md'];

describe('the comparison with other ways to poll', function () {
  this.timeout(60_000);
  let rows: Row[];

  before(async () => {
    rows = await compare(SCENARIOS);
  });

  it('finds nothing lost and nothing repeated by this package, in any scenario', () => {
    const unclean = rows.filter((row) => !isClean(tallyOf(row, thisPackage)));
    assert.deepEqual(
      unclean.map(({ scenario }) => scenario.title),
      [],
    );
  });

  it('is fair: nobody loses or repeats anything where nothing is odd', () => {
    const baseline = rows.find(({ scenario }) => scenario === BASELINE);
    assert.deepEqual(
      baseline?.tallies,
      CONTESTANTS.map(() => ({ lost: 0, repeated: 0 })),
    );
  });

  for (const contestant of TRANSCRIPTIONS) {
    it(`has scenarios with teeth: "${contestant.name}" loses or repeats something`, () => {
      assert.ok(rows.some((row) => !isClean(tallyOf(row, contestant))));
    });
  }

  it('stands in the documentation as it comes out', () => {
    const table = markdownTable(rows);
    for (const name of DOCUMENTS) {
      const text = readFileSync(path.join(ROOT, name), 'utf8');
      assert.ok(text.includes(`\n${table}\n`), `${name} should have this table:\n\n${table}\n`);
    }
  });
});
