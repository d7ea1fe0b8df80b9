import { z } from 'zod';
import type { Part } from '../part';

const costSchema = z.object({
  /** Of all threads, in microseconds. */
  cpuUs: z.number(),
  /** Over the wire, both ways. */
  bytes: z.number(),
  requests: z.number(),
});

const figuresSchema = z.object({
  rounds: z.array(z.object({ bare: costSchema, ours: costSchema })),
});

export type SteadyFigures = z.output<typeof figuresSchema>;

/** What a poll costs when there is nothing new. */
export const steady: Part = {
  name: 'steady',
  title: 'Nothing new: a poll of five resources, to five plain requests of axios',
  async run(bench) {
    const { rounds } = await bench.measure('steady', figuresSchema, { server: 'crm' });
    return [
      {
        figure: 'processor time of a poll to that of five requests',
        unit: 'ratio',
        rounds: rounds.map(({ bare, ours }) => ours.cpuUs / bare.cpuUs),
        aim: { bound: 'at most', value: 1.5 },
      },
      {
        figure: 'bytes of a poll to those of five requests',
        unit: 'ratio',
        rounds: rounds.map(({ bare, ours }) => ours.bytes / bare.bytes),
        aim: { bound: 'at most', value: 1.5 },
      },
      {
        figure: 'requests of a poll to five',
        unit: 'ratio',
        rounds: rounds.map(({ bare, ours }) => ours.requests / bare.requests),
        aim: { bound: 'at most', value: 1 },
      },
      {
        figure: 'processor time of a poll',
        unit: 'ms',
        rounds: rounds.map(({ ours }) => ours.cpuUs / 1000),
      },
    ];
  },
};
