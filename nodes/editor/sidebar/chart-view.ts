import type { HistoryBar } from '../../../src/monitor/overview';
import { chartOf, type Chart, type Column, type Span } from './chart';
import { make, setAttribute, setText } from './elements';
import { KeyedList } from './keyed-list';
import { locale, text } from './text';
import { chartTime, fullTime } from './times';

const SVG = 'http://www.w3.org/2000/svg';
/** The chart is drawn in bars of this width, and stretched to the width of the sidebar. */
const BAR = 10;
const GAP = 2;

/** Events over time as stacked bars, with the same figures in words and as a table. */
export class ChartView {
  readonly element = make('div', 'sagecrm-sb-chart');
  readonly #svg = document.createElementNS(SVG, 'svg');
  readonly #highest = make('div', 'sagecrm-sb-small');
  readonly #from = make('span');
  readonly #legend = {
    created: make('span'),
    updated: make('span'),
    deleted: make('span'),
  };
  readonly #rows = make('tbody');
  readonly #table = new KeyedList<Column>(
    this.#rows,
    ({ from }) => String(from),
    () => new TableRow(),
  );

  constructor() {
    setAttribute(this.#svg, 'role', 'img');
    setAttribute(this.#svg, 'preserveAspectRatio', 'none');
    const axis = make('div', 'sagecrm-sb-axis sagecrm-sb-small', this.#from, text('chart.now'));
    axis.setAttribute('aria-hidden', 'true');
    this.element.append(this.#highest, this.#svg, axis, this.#legendElement(), this.#tableFold());
  }

  show(bars: readonly HistoryBar[], span: Span): void {
    const chart = chartOf(bars);
    setText(this.#highest, text('chart.highest', { number: chart.highest }));
    const [first] = chart.columns;
    setText(this.#from, first === undefined ? '' : chartTime(first.from, locale()));
    this.#showLegend(chart, span);
    this.#draw(chart.columns);
    this.#table.show(chart.columns.filter(hasEvents));
  }

  #showLegend({ totals }: Chart, span: Span): void {
    setText(this.#legend.created, text('chart.created', { number: totals.created }));
    setText(this.#legend.updated, text('chart.updated', { number: totals.updated }));
    setText(this.#legend.deleted, text('chart.deleted', { number: totals.deleted }));
    const figures = Object.values(this.#legend).map(({ textContent }) => textContent);
    setAttribute(
      this.#svg,
      'aria-label',
      `${text('chart.title')}, ${text(`span.${span.key}`)}: ${figures.join(', ')}`,
    );
  }

  #draw(columns: readonly Column[]): void {
    setAttribute(this.#svg, 'viewBox', `0 0 ${columns.length * BAR} 100`);
    while (this.#svg.childElementCount > columns.length) this.#svg.lastElementChild?.remove();
    columns.forEach((column, index) => {
      const bar = this.#svg.children[index] ?? this.#svg.appendChild(newBar(index));
      const [title, , ...rectangles] = bar.children;
      if (title !== undefined && title.textContent !== tooltipOf(column)) {
        title.textContent = tooltipOf(column);
      }
      column.parts.forEach(({ kind, top, height }, part) => {
        const rectangle = rectangles[part];
        if (rectangle === undefined) return;
        setAttribute(rectangle, 'class', `sagecrm-sb-${kind}`);
        setAttribute(rectangle, 'y', String(top));
        setAttribute(rectangle, 'height', String(height));
      });
    });
  }

  #legendElement(): HTMLElement {
    const entries = Object.entries(this.#legend).map(([kind, label]) => {
      const colour = make('span', `sagecrm-sb-dot sagecrm-sb-${kind}`);
      colour.setAttribute('aria-hidden', 'true');
      return make('span', '', colour, label);
    });
    return make('div', 'sagecrm-sb-legend', ...entries);
  }

  #tableFold(): HTMLElement {
    const head = make('tr');
    for (const key of ['time', 'created', 'updated', 'deleted']) {
      const cell = make('th', '', text(`table.${key}`));
      cell.scope = 'col';
      head.append(cell);
    }
    const table = make('table', '', make('thead', '', head), this.#rows);
    table.setAttribute('aria-label', text('chart.title'));
    return make('details', 'sagecrm-sb-fold', make('summary', '', text('chart.asTable')), table);
  }
}

class TableRow {
  readonly element = make('tr');

  update({ from, created, updated, deleted }: Column): void {
    const cells = [fullTime(from, locale()), ...[created, updated, deleted].map(String)];
    cells.forEach((value, index) => {
      const cell = this.element.cells[index] ?? this.element.insertCell();
      setText(cell, value);
    });
  }
}

/** A tooltip, a clear area so that it shows for an empty bar too, and a rectangle for each part. */
function newBar(index: number): SVGElement {
  const bar = document.createElementNS(SVG, 'g');
  bar.append(document.createElementNS(SVG, 'title'));
  for (const width of [BAR, BAR - GAP, BAR - GAP, BAR - GAP]) {
    const rectangle = document.createElementNS(SVG, 'rect');
    setAttribute(rectangle, 'x', String(index * BAR + (BAR - width) / 2));
    setAttribute(rectangle, 'width', String(width));
    bar.append(rectangle);
  }
  const area = bar.children[1];
  if (area !== undefined) {
    setAttribute(area, 'height', '100');
    setAttribute(area, 'class', 'sagecrm-sb-area');
  }
  return bar;
}

function tooltipOf({ from, created, updated, deleted }: Column): string {
  return text('chart.bar', { time: fullTime(from, locale()), created, updated, deleted });
}

function hasEvents({ created, updated, deleted }: Column): boolean {
  return created + updated + deleted > 0;
}
