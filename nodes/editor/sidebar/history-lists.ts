import type { HistoryEvent, HistoryProblem, HistoryView } from '../../../src/monitor/overview';
import { make, setAttribute, setText } from './elements';
import { KeyedList, type Row } from './keyed-list';
import { ProblemBox } from './problem';
import { locale, text } from './text';
import { fullTime, isoForReading, shortTime } from './times';

export interface ListOptions {
  now: () => number;
  /** How the user calls a node. */
  nameOf: (node: string) => string;
  onMore: () => void;
}

/** The recent events, newest first, and what went wrong lately. */
export class HistoryLists {
  readonly events = make('details', 'sagecrm-sb-fold');
  readonly problems = make('details', 'sagecrm-sb-fold');
  readonly #more = make('button', 'red-ui-button red-ui-button-small', text('events.more'));
  readonly #noEvents = make('p', 'sagecrm-sb-small', text('events.none'));
  readonly #noProblems = make('p', 'sagecrm-sb-small', text('problems.none'));
  readonly #eventRows: KeyedList<[string, HistoryEvent]>;
  readonly #problemRows: KeyedList<[string, HistoryProblem]>;

  constructor(options: ListOptions) {
    const events = make('ol', 'sagecrm-sb-events');
    const problems = make('ol', 'sagecrm-sb-problems');
    this.#eventRows = new KeyedList(
      events,
      ([key]) => key,
      () => new EventRow(options),
    );
    this.#problemRows = new KeyedList(
      problems,
      ([key]) => key,
      () => new ProblemRow(options),
    );
    this.#more.type = 'button';
    this.#more.addEventListener('click', options.onMore);
    this.events.open = true;
    this.problems.open = true;
    const eventsTitle = make('summary', '', make('h3', '', text('events.title')));
    this.events.append(eventsTitle, this.#noEvents, events, this.#more);
    const problemsTitle = make('summary', '', make('h3', '', text('problems.title')));
    this.problems.append(problemsTitle, this.#noProblems, problems);
  }

  /** @param full the most events that can be shown are */
  show({ events, problems, more }: HistoryView, full: boolean): void {
    this.#eventRows.show(keyed(events, eventKey));
    this.#problemRows.show(keyed(problems, problemKey));
    this.#noEvents.hidden = events.length > 0;
    this.#noProblems.hidden = problems.length > 0;
    this.#more.hidden = more === 0;
    this.#more.disabled = full;
    const key = full ? 'events.full' : 'events.more';
    setText(this.#more, text(key, { more, shown: events.length }));
  }
}

class EventRow implements Row<[string, HistoryEvent]> {
  readonly element = make('li');
  readonly #time = make('time', 'sagecrm-sb-small');
  readonly #dot = make('span');
  readonly #what = make('span');

  constructor(private readonly options: ListOptions) {
    this.#dot.setAttribute('aria-hidden', 'true');
    this.element.append(this.#time, make('span', '', this.#dot, this.#what));
  }

  update([, event]: [string, HistoryEvent]): void {
    const { at, node, resource, eventType, objectId, date } = event;
    setAttribute(this.#time, 'datetime', new Date(at).toISOString());
    setText(this.#time, shortTime(at, this.options.now(), locale()));
    const kind = eventType.toLowerCase();
    setAttribute(this.#dot, 'class', `sagecrm-sb-dot sagecrm-sb-${kind}`);
    setText(this.#what, text(`event.${kind}`, { object: `${resource} ${objectId}` }));
    const values = { node: this.options.nameOf(node), date: isoForReading(date, locale()) };
    setAttribute(this.element, 'title', text('events.details', values));
  }
}

class ProblemRow implements Row<[string, HistoryProblem]> {
  readonly element = make('li');
  readonly #where = make('strong');
  readonly #box = new ProblemBox();

  constructor(private readonly options: ListOptions) {
    this.element.append(this.#where, this.#box.element);
  }

  update([, problem]: [string, HistoryProblem]): void {
    const { node, resource, at } = problem;
    const name = this.options.nameOf(node);
    setText(this.#where, resource === '' ? name : `${name}: ${resource}`);
    this.#box.show(problem, this.options.now());
    setAttribute(this.element, 'title', fullTime(at, locale()));
  }
}

/** Equal entries get a number, counted from the oldest so that a new one changes no other's key. */
function keyed<Item>(items: readonly Item[], keyOf: (item: Item) => string): [string, Item][] {
  const seen = new Map<string, number>();
  const oldestFirst = [...items].reverse().map((item): [string, Item] => {
    const key = keyOf(item);
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    return [`${key} ${count}`, item];
  });
  return oldestFirst.reverse();
}

function eventKey({ at, node, resource, eventType, objectId, date }: HistoryEvent): string {
  return [at, node, resource, eventType, objectId, date].join(' ');
}

function problemKey({ at, node, resource, code }: HistoryProblem): string {
  return [at, node, resource, code].join(' ');
}
