import { compare, isClean, tallyOf } from '../test/compare/comparison';
import { thisPackage } from '../test/compare/pollers/this-package';
import { SCENARIOS } from '../test/compare/scenarios/all';
import { markdownTable } from '../test/compare/table';

/** Prints the comparison; the exit code is 1 unless this package is clean in every scenario. */
async function main(): Promise<void> {
  const rows = await compare(SCENARIOS);
  console.log(markdownTable(rows));
  process.exitCode = rows.every((row) => isClean(tallyOf(row, thisPackage))) ? 0 : 1;
}

void main();
