import { Attempt } from './attempt';
import { icon, make, setAttribute, setText } from './elements';

export interface ButtonLook {
  icon: string;
  /** Shown beside the icon; the name is the tooltip in any case. */
  label?: string;
  /** What it does to what, for screen readers. */
  name: string;
  /** Why it cannot be pressed; undefined when it can. */
  refusal: string | undefined;
}

/** A button that does something on the server: one press at a time, and a failure is told. */
export class ActionButton {
  readonly element = make('button', 'red-ui-button red-ui-button-small');
  readonly #icon = icon('');
  readonly #label = make('span');
  readonly #attempt = new Attempt();

  constructor(act: () => Promise<unknown>) {
    this.element.type = 'button';
    this.element.append(this.#icon, this.#label);
    this.element.addEventListener('click', () => {
      // A disabled button would lose the focus, so one that is busy only ignores presses.
      void this.#attempt.run(act);
    });
  }

  show({ icon: name, label = '', name: fullName, refusal }: ButtonLook): void {
    setAttribute(this.#icon, 'class', `fa ${name}`);
    setText(this.#label, label);
    setAttribute(this.element, 'aria-label', fullName);
    setAttribute(this.element, 'title', refusal ?? fullName);
    this.element.disabled = refusal !== undefined;
  }
}
