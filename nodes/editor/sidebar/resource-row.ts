import type { ResourceOverview } from '../../../src/monitor/overview';
import { ageElement, setAge } from './age';
import { make, setText } from './elements';
import type { Row } from './keyed-list';
import { ProblemBox } from './problem';
import { locale, text } from './text';
import { isoForReading } from './times';

/** How one resource of a poll node stands. */
export class ResourceRow implements Row<ResourceOverview> {
  readonly element = make('li');
  readonly #name = make('strong');
  readonly #last = ageElement();
  readonly #next = ageElement();
  readonly #counts = make('div', 'sagecrm-sb-small');
  readonly #cursor = make('div', 'sagecrm-sb-small');
  readonly #problem = new ProblemBox();

  constructor(private readonly now: () => number) {
    const last = make('span', '', `${text('resource.last')} `, this.#last);
    const next = make('span', '', `${text('resource.next')} `, this.#next);
    this.element.append(
      make('div', 'sagecrm-sb-line', this.#name, last, next),
      ...[this.#counts, this.#cursor, this.#problem.element],
    );
  }

  update(resource: ResourceOverview): void {
    const now = this.now();
    setText(this.#name, resource.resource);
    setAge(this.#last, resource.lastPollAt, now, text('resource.never'));
    setAge(this.#next, resource.nextPollAt, now, text('resource.unplanned'));
    setText(this.#counts, countsText(resource));
    this.#counts.hidden = this.#counts.textContent === '';
    setText(this.#cursor, cursorText(resource.cursor));
    this.#cursor.title = resource.cursor ?? '';
    this.#problem.show(resource.problem, now);
  }
}

function countsText({ last, failures }: ResourceOverview): string {
  const parts: string[] = [];
  if (last !== undefined) {
    const { created, updated, deleted } = last;
    parts.push(text('resource.counts', { created, updated }));
    if (deleted !== undefined) parts.push(text('resource.deleted', { deleted }));
  }
  if (failures > 0) parts.push(text('resource.failures', { failures }));
  return parts.join(' · ');
}

function cursorText(cursor: string | null): string {
  if (cursor === null) return text('resource.noCursor');
  return text('resource.cursor', { date: isoForReading(cursor, locale()) });
}
