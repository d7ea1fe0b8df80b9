import type { Aim, Row, Unit } from './part';
import { median, quantile } from './statistics';

const HEAD = ['Figure', 'Median', 'Middle half', 'Aim', ''] as const;

const DIGITS: Readonly<Record<Unit, number>> = {
  ratio: 2,
  'a second': 0,
  ms: 2,
  KiB: 0,
  MiB: 1,
};

/** True where the median is on the wrong side of the aim. */
export function isMissed({ rounds, aim }: Row): boolean {
  if (aim === undefined) return false;
  const value = median(rounds);
  return aim.bound === 'at least' ? !(value >= aim.value) : !(value <= aim.value);
}

/** The figures as a Markdown table with aligned columns, without a line break at its end. */
export function markdownTable(rows: readonly Row[]): string {
  const table = [[...HEAD], ...rows.map(cells)];
  const widths = HEAD.map((_, column) =>
    Math.max(3, ...table.map((line) => line[column]?.length ?? 0)),
  );
  const text = table.map((line) => {
    const padded = line.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return `| ${padded.join(' | ')} |`;
  });
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [text[0], rule, ...text.slice(1)].join('\n');
}

function cells(row: Row): string[] {
  const { figure, unit, rounds, aim } = row;
  const shown = (value: number): string => numberText(value, unit);
  return [
    figure,
    unit === 'ratio' ? shown(median(rounds)) : `${shown(median(rounds))} ${unit}`,
    `${shown(quantile(rounds, 0.25))} – ${shown(quantile(rounds, 0.75))}`,
    aim === undefined ? '–' : aimText(aim, unit),
    aim === undefined ? '' : isMissed(row) ? 'missed' : 'met',
  ];
}

function aimText({ bound, value }: Aim, unit: Unit): string {
  return `${bound} ${numberText(value, unit)}`;
}

function numberText(value: number, unit: Unit): string {
  return value.toFixed(DIGITS[unit]);
}
