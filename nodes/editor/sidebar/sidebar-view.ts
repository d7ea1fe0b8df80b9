import type {
  CallbackOverview,
  HistoryView,
  Overview,
  PollOverview,
} from '../../../src/monitor/overview';
import { CallbackCard } from './callback-card';
import { ChartView } from './chart-view';
import { make, section } from './elements';
import { Filters, type Chosen } from './filters';
import { HistoryLists } from './history-lists';
import { KeyedList } from './keyed-list';
import { NoticeBox } from './notice-box';
import { PollCard } from './poll-card';
import { text } from './text';

export interface ViewOptions {
  /** The present instant by the clock of Node-RED. */
  now: () => number;
  /** Something was done that changes what is shown. */
  onDone: () => void;
  /** Other history is wanted. */
  onChoice: () => void;
  /** More events are wanted. */
  onMore: () => void;
  onRetry: () => void;
}

/** The content of the tab. It keeps its elements, and shows in them whatever it is given. */
export class SidebarView {
  readonly element = make('div', 'sagecrm-sidebar');
  readonly notice: NoticeBox;
  readonly #body = make('div');
  readonly #chart = new ChartView();
  readonly #filters: Filters;
  readonly #lists: HistoryLists;
  readonly #polls: KeyedList<PollOverview>;
  readonly #callbacks: KeyedList<CallbackOverview>;
  readonly #pollSection = section('sagecrm-sb-polls', text('node.polls'));
  readonly #callbackSection = section('sagecrm-sb-callbacks', text('node.callbacks'));
  #names = new Map<string, string>();

  constructor(options: ViewOptions) {
    const nameOf = (node: string): string => this.#nameOf(node);
    this.notice = new NoticeBox(options.onRetry);
    this.#filters = new Filters(options.onChoice);
    this.#lists = new HistoryLists({ now: options.now, nameOf, onMore: options.onMore });
    const polls = this.#pollSection.appendChild(make('div'));
    this.#polls = new KeyedList(
      polls,
      ({ id }) => id,
      (poller) => new PollCard(poller, options),
    );
    const callbacks = this.#callbackSection.appendChild(make('div'));
    const newCard = (callback: CallbackOverview): CallbackCard =>
      new CallbackCard(callback, options);
    this.#callbacks = new KeyedList(callbacks, ({ id }) => id, newCard);
    this.#build();
  }

  get chosen(): Chosen {
    return this.#filters.chosen;
  }

  showOverview({ polls, callbacks }: Overview): void {
    this.#names = new Map([
      ...polls.map(({ id, name }): [string, string] => [id, name || text('node.poll')]),
      ...callbacks.map(({ id, name }): [string, string] => [id, name || text('node.callback')]),
    ]);
    this.#body.hidden = polls.length + callbacks.length === 0;
    this.#pollSection.hidden = polls.length === 0;
    this.#callbackSection.hidden = callbacks.length === 0;
    this.#polls.show(polls);
    this.#callbacks.show(callbacks);
    this.#filters.offer(polls, (node) => this.#nameOf(node));
  }

  /** @param full the most events that can be shown are */
  showHistory(history: HistoryView, full: boolean): void {
    this.#chart.show(history.bars, this.chosen.span);
    this.#lists.show(history, full);
  }

  hideAll(): void {
    this.#body.hidden = true;
  }

  #build(): void {
    const chart = section('sagecrm-sb-chart', text('chart.title'));
    chart.append(this.#filters.element, this.#chart.element);
    this.#body.append(
      ...[chart, this.#pollSection, this.#callbackSection],
      make('p', 'sagecrm-sb-small sagecrm-sb-note', text('node.onlyDeployed')),
      ...[this.#lists.problems, this.#lists.events],
    );
    this.#body.hidden = true;
    this.element.append(this.notice.element, this.#body);
  }

  /** The name of a node that is deployed, or was. */
  #nameOf(node: string): string {
    const name = this.#names.get(node) ?? RED.nodes.node(node)?.name;
    return typeof name === 'string' && name !== '' ? name : text('node.deleted');
  }
}
