import type { HistoryQuery, HistoryView, Overview } from '../../../src/monitor/overview';
import { AdminFailure, mayWrite, postAdmin } from '../admin-api';
import { isObject } from '../values';
import { refreshAges } from './age';
import { Coalesced } from './coalesced';
import { SidebarView } from './sidebar-view';

/** How many events and problems are shown at first, and how many more at a time. */
const PAGE = 100;
/** More rows than that would help nobody and slow the page down. */
const MOST = 1000;
/** How often the ages on the page are brought up to date. */
const AGE_MS = 5000;
/** How often all is read again: the chart moves on, and a message may have been lost. */
const REFRESH_MS = 60_000;

/** Keeps the tab up to date while somebody can see it; reads nothing while nobody can. */
export class LiveSidebar {
  readonly #view: SidebarView;
  readonly #overview = new Coalesced(() => this.#load('overview', () => this.#readOverview()));
  readonly #history = new Coalesced(() => this.#load('history', () => this.#readHistory()));
  readonly #failures = new Map<string, AdminFailure>();
  #empty = false;
  #limit = PAGE;
  #onScreen = false;
  #readAt = 0;
  /** What the clock of Node-RED is ahead of the browser's, ms. */
  #ahead = 0;

  constructor() {
    const refresh = (): void => {
      this.refresh();
    };
    this.#view = new SidebarView({
      now: () => this.#now(),
      onDone: refresh,
      onChoice: () => {
        this.#limit = PAGE;
        this.#history.request();
      },
      onMore: () => {
        this.#limit = Math.min(MOST, this.#limit + PAGE);
        this.#history.request();
      },
      onRetry: refresh,
    });
    this.#watchVisibility();
    window.setInterval(() => {
      this.#tick();
    }, AGE_MS);
  }

  get element(): HTMLElement {
    return this.#view.element;
  }

  /** Reads everything again, if anybody can see it. */
  refresh(): void {
    if (!this.#isVisible()) return;
    if (!mayWrite('sagecrm-sidebar.read')) {
      this.#view.hideAll();
      this.#view.notice.showDenied();
      return;
    }
    this.#readAt = Date.now();
    this.#overview.request();
    this.#history.request();
  }

  /** Takes a message `{nodes, history}` that tells what has changed. */
  take(message: unknown): void {
    if (!this.#isVisible() || !isObject(message) || !mayWrite('sagecrm-sidebar.read')) return;
    if (Array.isArray(message.nodes) && message.nodes.length > 0) this.#overview.request();
    if (message.history === true) this.#history.request();
  }

  #watchVisibility(): void {
    new IntersectionObserver((entries) => {
      this.#onScreen = entries.at(-1)?.isIntersecting ?? false;
      this.refresh();
    }).observe(this.element);
    document.addEventListener('visibilitychange', () => {
      this.refresh();
    });
  }

  #isVisible(): boolean {
    return this.#onScreen && !document.hidden;
  }

  #tick(): void {
    if (!this.#isVisible()) return;
    refreshAges(this.element, this.#now());
    if (Date.now() - this.#readAt >= REFRESH_MS) this.refresh();
  }

  #now(): number {
    return Date.now() + this.#ahead;
  }

  async #load(kind: string, read: () => Promise<void>): Promise<void> {
    try {
      await read();
      this.#failures.delete(kind);
    } catch (error) {
      if (!(error instanceof AdminFailure)) throw error;
      this.#failures.set(kind, error);
    }
    const [failure] = this.#failures.values();
    const { notice } = this.#view;
    if (failure !== undefined) notice.showFailure(failure);
    else if (this.#empty) notice.showFirstSteps();
    else notice.hide();
  }

  async #readOverview(): Promise<void> {
    const overview = await postAdmin<Overview>('/sagecrm-sidebar/overview', {});
    this.#ahead = overview.now - Date.now();
    this.#empty = overview.polls.length + overview.callbacks.length === 0;
    this.#view.showOverview(overview);
  }

  async #readHistory(): Promise<void> {
    const query = this.#query();
    const history = await postAdmin<HistoryView>('/sagecrm-sidebar/history', query);
    // Whoever has chosen otherwise meanwhile waits for the next answer.
    if (JSON.stringify(query) !== JSON.stringify(this.#query())) return;
    this.#view.showHistory(history, this.#limit >= MOST);
  }

  #query(): HistoryQuery {
    const { span, node, resource } = this.#view.chosen;
    return {
      spanMs: span.spanMs,
      bars: span.bars,
      limit: this.#limit,
      ...(node === undefined ? {} : { node }),
      ...(resource === undefined ? {} : { resource }),
    };
  }
}
