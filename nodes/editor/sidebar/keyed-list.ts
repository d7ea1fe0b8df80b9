export interface Row<Item> {
  readonly element: HTMLElement;
  update(item: Item): void;
}

/**
 * Shows a list of items in a container, a row for each key. Rows that stay are updated in place, so
 * that focus, folds and the scroll position survive.
 */
export class KeyedList<Item> {
  readonly #rows = new Map<string, Row<Item>>();

  constructor(
    private readonly container: HTMLElement,
    private readonly keyOf: (item: Item) => string,
    private readonly create: (item: Item) => Row<Item>,
  ) {}

  show(items: readonly Item[]): void {
    const wanted = new Map(items.map((item) => [this.keyOf(item), item]));
    this.#removeAllBut(wanted);
    let place = this.container.firstElementChild;
    for (const [key, item] of wanted) {
      const row = this.#rows.get(key) ?? this.create(item);
      this.#rows.set(key, row);
      row.update(item);
      if (row.element === place) place = place.nextElementSibling;
      else this.container.insertBefore(row.element, place);
    }
  }

  #removeAllBut(wanted: ReadonlyMap<string, Item>): void {
    for (const [key, { element }] of this.#rows) {
      if (wanted.has(key)) continue;
      this.#rows.delete(key);
      if (element.contains(document.activeElement)) passFocusOn(element);
      element.remove();
    }
  }
}

/** Whoever uses the keyboard goes on at the next row, else at the one before, else at the fold. */
function passFocusOn(element: HTMLElement): void {
  const neighbour = element.nextElementSibling ?? element.previousElementSibling;
  const next = neighbour?.querySelector<HTMLElement>('button:not(:disabled)');
  (next ?? element.closest('details')?.querySelector('summary'))?.focus();
}
