import { z } from 'zod';
import { paceSchema, ratios, speed } from '../pace';
import type { Part, Row } from '../part';

const roundSchema = z.object({
  bare: paceSchema,
  /** The same pages, through the disk before the first record is handed over. */
  journal: paceSchema,
  /** Events. */
  ours: paceSchema,
  /** How long the event loop was kept from a timer. */
  pauseP99Ms: z.number(),
  pauseMaxMs: z.number(),
});

export type BacklogRound = z.output<typeof roundSchema>;

const figuresSchema = z.object({
  sizes: z.array(z.object({ pageSize: z.number(), rounds: z.array(roundSchema) })),
});

export type BacklogFigures = z.output<typeof figuresSchema>;

/** Records of a backlog, from the server to the flow, durably and each once. */
export const backlog: Part = {
  name: 'backlog',
  title: 'A backlog: records from the server to the flow, to pages that are parsed and dropped',
  async run(bench) {
    const { sizes } = await bench.measure('backlog', figuresSchema, { server: 'crm' });
    return sizes.flatMap(({ pageSize, rounds }) => rowsOf(`pages of ${pageSize}`, rounds));
  },
};

function rowsOf(figure: string, rounds: readonly BacklogRound[]): Row[] {
  const [pace, processor] = ratios(figure, rounds);
  const journals = rounds.map(({ journal, ours }) => ({ bare: journal, ours }));
  return [
    { ...pace, aim: { bound: 'at least', value: 0.6 } },
    processor,
    ...ratios(`${figure}, to a bare journal`, journals),
    speed(
      figure,
      rounds.map(({ ours }) => ours),
    ),
    {
      figure: `${figure}: pauses of the event loop, p99`,
      unit: 'ms',
      rounds: rounds.map(({ pauseP99Ms }) => pauseP99Ms),
      aim: { bound: 'at most', value: 20 },
    },
    {
      figure: `${figure}: longest pause`,
      unit: 'ms',
      rounds: rounds.map(({ pauseMaxMs }) => pauseMaxMs),
    },
  ];
}
