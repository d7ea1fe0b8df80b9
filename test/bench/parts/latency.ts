import { z } from 'zod';
import type { Part, Row } from '../part';
import { quantile } from '../statistics';

/** Milliseconds, one for each event of a round. */
const timesSchema = z.object({
  /** To the receiver. */
  arrived: z.array(z.number()),
  /** To the end of the call: a POST is answered, or an event is on disk. */
  sent: z.array(z.number()),
});

export type LatencyTimes = z.output<typeof timesSchema>;

const figuresSchema = z.object({
  rounds: z.array(z.object({ bare: timesSchema, outbox: timesSchema })),
});

export type LatencyFigures = z.output<typeof figuresSchema>;

/** What an event that need not queue waits for. */
export const latency: Part = {
  name: 'latency',
  title: 'From the call to the receiver, 50 events a second',
  async run(bench) {
    const { rounds } = await bench.measure('latency', figuresSchema);
    return [50, 99].flatMap((percent): Row[] => {
      const at = (times: readonly number[]): number => quantile(times, percent / 100);
      return [
        {
          figure: `added by the outbox, p${percent}`,
          unit: 'ms',
          rounds: rounds.map(({ bare, outbox }) => at(outbox.arrived) - at(bare.arrived)),
        },
        {
          figure: `until an event is on disk, p${percent}`,
          unit: 'ms',
          rounds: rounds.map(({ outbox }) => at(outbox.sent)),
        },
        {
          figure: `a bare POST, p${percent}`,
          unit: 'ms',
          rounds: rounds.map(({ bare }) => at(bare.arrived)),
        },
      ];
    });
  },
};
