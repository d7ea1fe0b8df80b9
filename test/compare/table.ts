import { CONTESTANTS, isClean, type Row } from './comparison';
import type { Tally } from './ledger';

/** The comparison as a Markdown table with aligned columns, without a line break at its end. */
export function markdownTable(rows: readonly Row[]): string {
  const head = ['#', 'Scenario', ...CONTESTANTS.map(({ name }) => name)];
  const body = rows.map(({ scenario, tallies }) => [
    scenario.number,
    scenario.title,
    ...tallies.map(cell),
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...body.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

function cell(tally: Tally): string {
  return isClean(tally) ? '✓' : `${tally.lost}/${tally.repeated}`;
}
