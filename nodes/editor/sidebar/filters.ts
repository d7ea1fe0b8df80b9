import type { PollOverview } from '../../../src/monitor/overview';
import { SPANS, type Span } from './chart';
import { make, setAttribute } from './elements';
import { text } from './text';

/** What the chart and the lists are narrowed to; undefined parts: all. */
export interface Chosen {
  span: Span;
  node: string | undefined;
  resource: string | undefined;
}

interface Choice {
  value: string;
  label: string;
}

/** The choice of span, poll node and resource above the chart. */
export class Filters {
  readonly element = make('div', 'sagecrm-sb-filters');
  readonly #buttons = new Map<Span, HTMLButtonElement>();
  readonly #node = selectBox(text('filter.node'));
  readonly #resource = selectBox(text('filter.resource'));
  #span: Span = SPANS[0];

  constructor(private readonly onChange: () => void) {
    const spans = make('span', 'button-group');
    spans.setAttribute('role', 'group');
    spans.setAttribute('aria-label', text('filter.span'));
    for (const span of SPANS) spans.append(this.#spanButton(span));
    for (const box of [this.#node, this.#resource]) box.addEventListener('change', onChange);
    this.element.append(spans, this.#node, this.#resource);
    this.#markSpan();
  }

  get chosen(): Chosen {
    const chosenIn = ({ value }: HTMLSelectElement): string | undefined =>
      value === '' ? undefined : value;
    return { span: this.#span, node: chosenIn(this.#node), resource: chosenIn(this.#resource) };
  }

  /**
   * Offers these poll nodes, by the names that the user knows, and their resources. A choice that
   * has gone becomes all.
   */
  offer(polls: readonly PollOverview[], nameOf: (node: string) => string): void {
    const before = JSON.stringify(this.chosen);
    const nodes = polls.map(({ id }) => ({ value: id, label: nameOf(id) }));
    setChoices(this.#node, text('filter.allNodes'), nodes);
    const { node } = this.chosen;
    const shown = polls.filter(({ id }) => node === undefined || id === node);
    const names = shown.flatMap(({ resources }) => resources.map(({ resource }) => resource));
    const resources = [...new Set(names)].sort().map((name) => ({ value: name, label: name }));
    setChoices(this.#resource, text('filter.allResources'), resources);
    if (JSON.stringify(this.chosen) !== before) this.onChange();
  }

  #spanButton(span: Span): HTMLButtonElement {
    const button = make('button', 'red-ui-button red-ui-button-small', text(`span.${span.key}`));
    button.type = 'button';
    button.addEventListener('click', () => {
      this.#span = span;
      this.#markSpan();
      this.onChange();
    });
    this.#buttons.set(span, button);
    return button;
  }

  #markSpan(): void {
    for (const [span, button] of this.#buttons) {
      button.classList.toggle('selected', span === this.#span);
      setAttribute(button, 'aria-pressed', String(span === this.#span));
    }
  }
}

function selectBox(label: string): HTMLSelectElement {
  const box = make('select');
  box.setAttribute('aria-label', label);
  return box;
}

function setChoices(box: HTMLSelectElement, all: string, choices: readonly Choice[]): void {
  const wanted = [{ value: '', label: all }, ...choices];
  const shown = [...box.options].map(({ value, label }) => ({ value, label }));
  if (JSON.stringify(shown) === JSON.stringify(wanted)) return;
  const { value: chosen } = box;
  box.replaceChildren(...wanted.map(({ value, label }) => new Option(label, value)));
  box.value = wanted.some(({ value }) => value === chosen) ? chosen : '';
}
