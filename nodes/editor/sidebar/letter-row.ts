import type { DeadLetterView } from '../../sagecrm-callback/dead-letter-view';
import { ActionButton } from './action-button';
import { withoutPermission } from './card';
import { make, setText } from './elements';
import type { Row } from './keyed-list';
import { locale, text } from './text';
import { isoForReading } from './times';

export interface LetterActions {
  mayWrite: () => boolean;
  replay: (letter: number) => Promise<void>;
  drop: (letter: number) => Promise<void>;
}

/** A dead letter: what it is about, why it was given up, and what can be done with it. */
export class LetterRow implements Row<DeadLetterView> {
  readonly element = make('li');
  readonly #title = make('strong');
  readonly #reason = make('div');
  readonly #details = make('div', 'sagecrm-sb-small');
  readonly #target = make('div', 'sagecrm-sb-small');
  readonly #replay: ActionButton;
  readonly #drop: ActionButton;

  constructor(
    { letter }: DeadLetterView,
    private readonly actions: LetterActions,
  ) {
    this.#replay = new ActionButton(() => actions.replay(letter));
    this.#drop = new ActionButton(() => actions.drop(letter));
    const buttons = make('span', '', this.#replay.element, ' ', this.#drop.element);
    this.element.append(
      make('div', 'sagecrm-sb-line sagecrm-sb-spread', this.#title, buttons),
      ...[this.#reason, this.#details, this.#target],
    );
  }

  update({ reason, attempts, buriedAt, target, message }: DeadLetterView): void {
    const { objectType, objectId } = message.event;
    const object = `${objectType} ${objectId}`;
    setText(this.#title, object);
    setText(this.#reason, `${reason.code}: ${reason.message}`);
    const date = isoForReading(buriedAt, locale());
    setText(this.#details, text('letters.details', { attempts, date }));
    setText(this.#target, target);
    this.#target.hidden = target === '';
    const refusal = withoutPermission(this.actions.mayWrite());
    const replay = text('letters.replay', { object });
    this.#replay.show({ icon: 'fa-repeat', name: replay, refusal });
    this.#drop.show({ icon: 'fa-trash-o', name: text('letters.drop', { object }), refusal });
  }
}
