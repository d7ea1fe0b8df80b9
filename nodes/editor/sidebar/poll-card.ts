import type { PollOverview, ResourceOverview } from '../../../src/monitor/overview';
import { mayWrite, postAdmin } from '../admin-api';
import { ActionButton } from './action-button';
import { Attempt } from './attempt';
import { CardHead, withoutPermission } from './card';
import type { Tone } from './tone';
import { make, setAttribute, setText } from './elements';
import { KeyedList, type Row } from './keyed-list';
import { ProblemBox } from './problem';
import { ReplayForm, type Replay } from './replay-form';
import { ResourceRow } from './resource-row';
import { text } from './text';

const TONES: Record<PollOverview['state'], Tone> = {
  polling: 'blue',
  idle: 'green',
  waiting: 'yellow',
  paused: 'grey',
  refused: 'red',
  failed: 'red',
  stopped: 'red',
};

export interface CardOptions {
  now: () => number;
  /** Something was done that changes what is shown. */
  onDone: () => void;
}

/** A poll node: how it stands, and the buttons that steer it. */
export class PollCard implements Row<PollOverview> {
  readonly element = make('article', 'sagecrm-sb-card');
  readonly #head = new CardHead();
  readonly #problem = new ProblemBox();
  readonly #waiting = make('div', 'sagecrm-sb-small');
  readonly #resourceList = make('ul', 'sagecrm-sb-resources');
  readonly #resources: KeyedList<ResourceOverview>;
  readonly #poll = new ActionButton(() => this.#post('poll'));
  readonly #pause = new ActionButton(() => this.#post(this.#isHeld() ? 'resume' : 'pause'));
  readonly #replay = new ActionButton(() => {
    this.#foldReplay(!this.#form.isOpen);
    return Promise.resolve();
  });
  readonly #form: ReplayForm;
  readonly #replaying = new Attempt();
  #poller: PollOverview;

  constructor(
    poller: PollOverview,
    private readonly options: CardOptions,
  ) {
    this.#poller = poller;
    this.element.dataset.node = poller.id;
    this.#form = new ReplayForm({
      id: `sagecrm-sb-${poller.id}`,
      now: options.now,
      onReplay: (replay) => void this.#startReplay(replay),
      onClose: () => {
        this.#foldReplay(false);
      },
    });
    this.#resources = new KeyedList(
      this.#resourceList,
      ({ resource }) => resource,
      () => new ResourceRow(options.now),
    );
    this.#replay.element.setAttribute('aria-controls', this.#form.element.id);
    this.#replay.element.setAttribute('aria-expanded', 'false');
    const buttons = [this.#poll, this.#pause, this.#replay].map(({ element }) => element);
    this.element.append(
      this.#head.element,
      make('div', 'sagecrm-sb-buttons', ...buttons),
      ...[this.#form.element, this.#problem.element, this.#waiting, this.#resourceList],
    );
  }

  update(poller: PollOverview): void {
    this.#poller = poller;
    const name = poller.name === '' ? text('node.poll') : poller.name;
    const state = text(`state.${poller.state}`);
    this.#head.show({ ...poller, name, state, tone: TONES[poller.state] });
    this.#problem.show(poller.problem, this.options.now());
    const { unacknowledged } = poller;
    setText(this.#waiting, unacknowledged === 0 ? '' : text('node.waiting', { unacknowledged }));
    this.#waiting.hidden = unacknowledged === 0;
    this.#resources.show(poller.resources);
    this.#form.offer(poller.resources.map(({ resource }) => resource));
    this.#showButtons(name);
  }

  #showButtons(name: string): void {
    const stopped = this.#poller.state === 'stopped' ? text('button.stopped') : undefined;
    const refusal = withoutPermission(mayWrite('sagecrm-poll.write')) ?? stopped;
    const show = (button: ActionButton, icon: string, key: string): void => {
      const label = text(`button.${key}`);
      button.show({ icon, label, name: `${label}: ${name}`, refusal });
    };
    show(this.#poll, 'fa-refresh', 'poll');
    if (this.#isHeld()) show(this.#pause, 'fa-play', 'resume');
    else show(this.#pause, 'fa-pause', 'pause');
    show(this.#replay, 'fa-history', 'replay');
    if (refusal !== undefined) this.#foldReplay(false);
  }

  /** Whether it takes a resume to go on. */
  #isHeld(): boolean {
    return this.#poller.state === 'paused' || this.#poller.state === 'refused';
  }

  #foldReplay(open: boolean): void {
    if (open === this.#form.isOpen) return;
    setAttribute(this.#replay.element, 'aria-expanded', String(open));
    if (open) {
      this.#form.open();
      return;
    }
    const hadFocus = this.#form.element.contains(document.activeElement);
    this.#form.close();
    if (hadFocus) this.#replay.element.focus();
  }

  async #startReplay(replay: Replay): Promise<void> {
    const done = await this.#replaying.run(() => this.#post('replay', replay));
    if (done) this.#foldReplay(false);
  }

  async #post(name: string, more: object = {}): Promise<void> {
    await postAdmin(`/sagecrm-poll/${name}`, { id: this.#poller.id, ...more });
    this.options.onDone();
  }
}
