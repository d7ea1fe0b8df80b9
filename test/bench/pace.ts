import { z } from 'zod';
import type { Row } from './part';

/** How fast something went. */
export const paceSchema = z.object({
  perSecond: z.number(),
  /** What each turn took of a processor, in microseconds, over all threads of the process. */
  cpuUs: z.number(),
});

export type Pace = z.output<typeof paceSchema>;

/** What was measured next to each other. */
export interface Pair {
  bare: Pace;
  ours: Pace;
}

/** How fast ours went, and what it took, with the bare loop as 1: more is better in both. */
export function ratios(figure: string, pairs: readonly Pair[]): [speed: Row, processor: Row] {
  return [
    {
      figure,
      unit: 'ratio',
      rounds: pairs.map(({ bare, ours }) => ours.perSecond / bare.perSecond),
    },
    {
      figure: `${figure}, by processor time`,
      unit: 'ratio',
      rounds: pairs.map(({ bare, ours }) => bare.cpuUs / ours.cpuUs),
    },
  ];
}

export function speed(figure: string, paces: readonly Pace[]): Row {
  return { figure, unit: 'a second', rounds: paces.map(({ perSecond }) => perSecond) };
}
