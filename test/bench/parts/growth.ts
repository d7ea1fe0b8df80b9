import { z } from 'zod';
import type { Bench, Part, Row } from '../part';
import { median } from '../statistics';

const growthSchema = z.object({
  /** Microseconds a record: of time, and of a processor. */
  usEach: z.number(),
  cpuUsEach: z.number(),
  /** Bytes of resident memory. */
  aboveIdle: z.number(),
});

export type GrowthFigures = z.output<typeof growthSchema>;

const nodesSchema = z.object({
  /** Bytes of resident memory. */
  eachFurther: z.number(),
});

export type NodesFigures = z.output<typeof nodesSchema>;

const RECORDS = [10_000, 100_000, 1_000_000];
const NODES = [50, 200];
/** A million records take minutes, and differ little from run to run. */
const MOST_ROUNDS = 3;
const MIB = 1024 * 1024;

/** Whether more records or more nodes cost more each. */
export const growth: Part = {
  name: 'growth',
  title: 'Growth: from ten thousand to a million records, from 1 to 200 poll nodes',
  async run(bench) {
    const rows: Row[] = [];
    let least: number | undefined;
    for (const records of RECORDS) {
      const runs = await repeated(bench, () =>
        bench.measure('growth', growthSchema, { server: 'crm', size: records }),
      );
      least ??= median(runs.map(({ cpuUsEach }) => cpuUsEach));
      rows.push(...rowsOf(`${records.toLocaleString('en-US')} records`, runs, least));
    }
    for (const nodes of NODES) {
      const runs = await repeated(bench, () =>
        bench.measure('nodes', nodesSchema, { server: 'crm', size: nodes }),
      );
      rows.push({
        figure: `memory of each further idle node, up to ${nodes}`,
        unit: 'KiB',
        rounds: runs.map(({ eachFurther }) => eachFurther / 1024),
        aim: { bound: 'at most', value: 256 },
      });
    }
    return rows;
  },
};

async function repeated<Figures>(
  { rounds }: Bench,
  measure: () => Promise<Figures>,
): Promise<Figures[]> {
  const all: Figures[] = [];
  while (all.length < Math.min(rounds, MOST_ROUNDS)) all.push(await measure());
  return all;
}

/** @param least microseconds of a processor for each of the fewest records */
function rowsOf(figure: string, runs: readonly GrowthFigures[], least: number): Row[] {
  return [
    {
      figure: `${figure}: processor time of each, to that of the fewest`,
      unit: 'ratio',
      rounds: runs.map(({ cpuUsEach }) => cpuUsEach / least),
      aim: { bound: 'at most', value: 1.25 },
    },
    {
      figure: `${figure}: a record`,
      unit: 'ms',
      rounds: runs.map(({ usEach }) => usEach / 1000),
    },
    {
      figure: `${figure}: memory above idle`,
      unit: 'MiB',
      rounds: runs.map(({ aboveIdle }) => aboveIdle / MIB),
      aim: { bound: 'at most', value: 64 },
    },
  ];
}
