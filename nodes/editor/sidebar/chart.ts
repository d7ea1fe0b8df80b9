import type { HistoryBar } from '../../../src/monitor/overview';

const KINDS = ['created', 'updated', 'deleted'] as const;

export type EventKind = (typeof KINDS)[number];

/** How many events of each kind. */
export type Totals = Record<EventKind, number>;

/** A part of a bar; `top` and `height` are per cent of the chart's height. */
export interface Part {
  kind: EventKind;
  top: number;
  height: number;
}

export interface Column extends Totals {
  from: number;
  /** From the bottom up. */
  parts: Part[];
}

export interface Chart {
  columns: Column[];
  /** The figure that the whole height stands for; 0 without any event. */
  highest: number;
  totals: Totals;
}

/** The spans that the chart can show, each in as many bars as stand apart in a narrow sidebar. */
export const SPANS = [
  { key: 'hour', spanMs: 3_600_000, bars: 60 },
  { key: 'day', spanMs: 86_400_000, bars: 48 },
  { key: 'week', spanMs: 604_800_000, bars: 56 },
] as const;

export type Span = (typeof SPANS)[number];

/** Stacks the figures of each bar; a bar with any event stays visible beside a very high one. */
export function chartOf(bars: readonly HistoryBar[]): Chart {
  const highest = Math.max(0, ...bars.map(sumOf));
  const columns = bars.map((bar): Column => {
    const { from, created, updated, deleted } = bar;
    return { from, created, updated, deleted, parts: partsOf(bar, highest) };
  });
  return { columns, highest, totals: totalsOf(bars) };
}

function partsOf(bar: HistoryBar, highest: number): Part[] {
  const least = 2;
  let top = 100;
  return KINDS.map((kind) => {
    const share = highest === 0 ? 0 : (bar[kind] / highest) * 100;
    const height = Math.min(top, bar[kind] > 0 ? Math.max(share, least) : 0);
    top -= height;
    return { kind, top, height };
  });
}

function totalsOf(bars: readonly HistoryBar[]): Totals {
  const totals: Totals = { created: 0, updated: 0, deleted: 0 };
  for (const bar of bars) for (const kind of KINDS) totals[kind] += bar[kind];
  return totals;
}

function sumOf({ created, updated, deleted }: HistoryBar): number {
  return created + updated + deleted;
}
