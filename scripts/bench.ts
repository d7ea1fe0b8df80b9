import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ProgramBench } from '../test/bench/bench';
import { thisMachine, type Machine } from '../test/bench/machine';
import type { Part, Row } from '../test/bench/part';
import { PARTS } from '../test/bench/parts';
import { median } from '../test/bench/statistics';
import { isMissed, markdownTable } from '../test/bench/table';
import { ROOT } from './process';

const USAGE = `usage: npm run bench -- [options]
  --only P    one part: ${PARTS.map(({ name }) => name).join(', ')}; default: all
  --rounds N  rounds of each figure (9)
  --out F     file for the figures as JSON (.build/bench.json)`;

const OPTIONS = {
  only: { type: 'string' },
  rounds: { type: 'string', default: '9' },
  out: { type: 'string', default: path.join(ROOT, '.build', 'bench.json') },
} as const;

/** Prints the figures. An aim that is missed is reported; only a part that breaks fails. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const rounds = Number(values.rounds);
  const parts = PARTS.filter(({ name }) => values.only === undefined || values.only === name);
  if (parts.length === 0 || !Number.isInteger(rounds) || rounds < 1) throw new Error(USAGE);
  const machine = thisMachine();
  console.log(machineText(machine, rounds));
  const bench = await ProgramBench.open(rounds);
  try {
    const results = await measured(parts, bench);
    const text = JSON.stringify({ at: new Date().toISOString(), machine, parts: results }, null, 2);
    await mkdir(path.dirname(path.resolve(values.out)), { recursive: true });
    await writeFile(values.out, `${text}\n`);
  } finally {
    await bench.close();
  }
}

/** One after the other: they share the machine. */
async function measured(parts: readonly Part[], bench: ProgramBench): Promise<object[]> {
  const results: object[] = [];
  for (const part of parts) {
    const rows = await part.run(bench);
    console.log(`\n${part.title}\n\n${markdownTable(rows)}`);
    results.push({ name: part.name, title: part.title, rows: rows.map(withVerdict) });
  }
  return results;
}

function withVerdict(row: Row): object {
  return { ...row, median: median(row.rounds), ...(row.aim && { isMissed: isMissed(row) }) };
}

function machineText({ cores, processor, node, system, load }: Machine, rounds: number): string {
  return `${processor}, ${cores} cores, load ${load.toFixed(1)}; ${system}; Node.js ${node}; ${rounds} rounds`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
