import { z } from 'zod';
import { paceSchema, ratios, speed } from '../pace';
import type { Part } from '../part';

const figuresSchema = z.object({
  rounds: z.array(z.object({ bare: paceSchema, ours: paceSchema })),
});

export type TakeFigures = z.output<typeof figuresSchema>;

/** What it takes to have events safely on disk. */
export const take: Part = {
  name: 'take',
  title: 'Events taken and on disk, 64 callers at once, nothing delivered',
  async run(bench) {
    const { rounds } = await bench.measure('take', figuresSchema);
    return [
      ...ratios('events taken to bare loop', rounds),
      speed(
        'events taken',
        rounds.map(({ ours }) => ours),
      ),
    ];
  },
};
