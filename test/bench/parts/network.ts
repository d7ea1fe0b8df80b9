import { z } from 'zod';
import { paceSchema, ratios, speed } from '../pace';
import type { Part } from '../part';

const figuresSchema = z.object({
  rounds: z.array(z.object({ bare: paceSchema, ours: paceSchema })),
});

export type NetworkFigures = z.output<typeof figuresSchema>;

/** What the transport alone takes, without outbox and disk. */
export const network: Part = {
  name: 'network',
  title: 'The network part: POSTs, 8 under way',
  async run(bench) {
    const { rounds } = await bench.measure('network', figuresSchema);
    const [pace, processor] = ratios('transport to bare loop', rounds);
    return [
      { ...pace, aim: { bound: 'at least', value: 0.6 } },
      processor,
      speed(
        'bare loop',
        rounds.map(({ bare }) => bare),
      ),
      speed(
        'transport',
        rounds.map(({ ours }) => ours),
      ),
    ];
  },
};
