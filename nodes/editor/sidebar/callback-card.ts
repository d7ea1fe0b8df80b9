import type { CallbackOverview } from '../../../src/monitor/overview';
import type { OutboxStatus } from '../../../src/delivery/outbox-status';
import { mayWrite, postAdmin } from '../admin-api';
import { ActionButton } from './action-button';
import { ageElement, setAge } from './age';
import { callbackState } from './callback-state';
import { CardHead, withoutPermission } from './card';
import { make, setText } from './elements';
import type { Row } from './keyed-list';
import { LetterFold } from './letter-fold';
import type { CardOptions } from './poll-card';
import { ProblemBox } from './problem';
import { text } from './text';

/** A callback node: its outbox, targets that want nothing any more, and its dead letters. */
export class CallbackCard implements Row<CallbackOverview> {
  readonly element = make('article', 'sagecrm-sb-card');
  readonly #head = new CardHead();
  readonly #problem = new ProblemBox();
  readonly #depth = make('span');
  readonly #oldest = ageElement();
  readonly #oldestPart = make('span', '', `${text('outbox.oldest')} `, this.#oldest);
  readonly #outbox = make('div', 'sagecrm-sb-line', this.#depth, this.#oldestPart);
  readonly #goneText = make('div');
  readonly #enable: ActionButton;
  readonly #gone: HTMLElement;
  readonly #letters: LetterFold;

  constructor(
    { id }: CallbackOverview,
    private readonly options: CardOptions,
  ) {
    this.element.dataset.node = id;
    this.#enable = new ActionButton(async () => {
      await postAdmin('/sagecrm-callback/enable', { id });
      options.onDone();
    });
    this.#gone = make('div', 'sagecrm-sb-problem', this.#goneText, this.#enable.element);
    this.#letters = new LetterFold(id, options.onDone);
    this.element.append(
      ...[this.#head.element, this.#problem.element, this.#outbox],
      ...[this.#gone, this.#letters.element],
    );
  }

  update(callback: CallbackOverview): void {
    const name = callback.name === '' ? text('node.callback') : callback.name;
    const { key, tone } = callbackState(callback);
    this.#head.show({ ...callback, name, tone, state: text(`callbackState.${key}`) });
    this.#problem.show(callback.problem, this.options.now());
    this.#showOutbox(callback.outbox);
    this.#showGone(name, callback.outbox?.gone ?? []);
    this.#letters.element.hidden = callback.outbox === undefined;
    this.#letters.update(callback.outbox?.dead ?? 0);
  }

  #showOutbox(outbox: OutboxStatus | undefined): void {
    this.#outbox.hidden = outbox === undefined;
    if (outbox === undefined) return;
    setText(this.#depth, text('outbox.depth', { depth: outbox.depth, inFlight: outbox.inFlight }));
    this.#oldestPart.hidden = outbox.oldestAt === undefined;
    setAge(this.#oldest, outbox.oldestAt ?? null, this.options.now(), '');
  }

  #showGone(name: string, gone: readonly string[]): void {
    this.#gone.hidden = gone.length === 0;
    const targets = gone.map((target) => (target === '' ? text('outbox.ownUrl') : target));
    setText(this.#goneText, text('outbox.gone', { targets: targets.join(', ') }));
    const label = text('button.enable');
    const refusal = withoutPermission(mayWrite('sagecrm-callback.write'));
    this.#enable.show({ icon: 'fa-play', label, name: `${label}: ${name}`, refusal });
  }
}
