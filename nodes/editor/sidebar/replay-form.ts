import { make, setAttribute, setText } from './elements';
import { text } from './text';
import { fieldTime, readSince } from './times';

const HOUR_MS = 3_600_000;

export interface Replay {
  /** ISO 8601 in UTC. */
  since: string;
  /** Undefined for all. */
  resources: string[] | undefined;
}

export interface ReplayOptions {
  /** Makes the ids of the fields unique. */
  id: string;
  now: () => number;
  onReplay: (replay: Replay) => void;
  onClose: () => void;
}

/** Asks from when on, and for which resources, events are to be sent again. */
export class ReplayForm {
  readonly element = make('form', 'sagecrm-sb-form');
  readonly #since = make('input');
  readonly #hint = make('div', 'sagecrm-sb-small');
  readonly #choices = make('fieldset', 'sagecrm-sb-choices');
  readonly #boxes = new Map<string, HTMLInputElement>();
  readonly #choiceProblem = make('div', 'sagecrm-sb-wrong');
  readonly #submit = make('button', 'red-ui-button red-ui-button-small');

  constructor(private readonly options: ReplayOptions) {
    const { id } = options;
    this.element.id = `${id}-replay`;
    this.element.hidden = true;
    this.element.noValidate = true;
    this.#buildSince(id);
    this.#choices.append(make('legend', '', text('replay.resources')));
    this.#choiceProblem.setAttribute('role', 'status');
    this.#submit.type = 'submit';
    this.#submit.textContent = text('replay.submit');
    const cancel = make('button', 'red-ui-button red-ui-button-small', text('replay.cancel'));
    cancel.type = 'button';
    cancel.addEventListener('click', () => {
      options.onClose();
    });
    this.element.append(
      ...[this.#choices, this.#choiceProblem],
      make('p', 'sagecrm-sb-warning', text('replay.warning')),
      make('div', 'sagecrm-sb-buttons', this.#submit, ' ', cancel),
    );
    this.#listen();
  }

  get isOpen(): boolean {
    return this.element.hidden === false;
  }

  open(): void {
    this.element.hidden = false;
    if (this.#since.value === '') this.#since.value = fieldTime(this.options.now() - HOUR_MS);
    this.#check();
    this.#since.focus();
  }

  close(): void {
    this.element.hidden = true;
  }

  /** Offers these resources; those that were offered before keep their tick. */
  offer(resources: readonly string[]): void {
    for (const [name, box] of this.#boxes) {
      if (resources.includes(name)) continue;
      this.#boxes.delete(name);
      box.parentElement?.remove();
    }
    for (const name of resources) if (!this.#boxes.has(name)) this.#addChoice(name);
  }

  #buildSince(id: string): void {
    this.#since.type = 'datetime-local';
    this.#since.id = `${id}-since`;
    this.#hint.id = `${id}-since-hint`;
    this.#hint.setAttribute('role', 'status');
    this.#since.setAttribute('aria-describedby', this.#hint.id);
    const label = make('label', '', text('replay.since'));
    label.htmlFor = this.#since.id;
    this.element.append(label, this.#since, this.#hint);
  }

  #addChoice(name: string): void {
    const box = make('input');
    box.type = 'checkbox';
    box.checked = true;
    this.#boxes.set(name, box);
    this.#choices.append(make('label', '', box, ` ${name}`));
  }

  #listen(): void {
    this.element.addEventListener('input', () => {
      this.#check();
    });
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.options.onClose();
    });
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      const replay = this.#check();
      if (replay !== undefined) this.options.onReplay(replay);
    });
  }

  /** Marks what is wrong; undefined if anything is. */
  #check(): Replay | undefined {
    const since = readSince(this.#since.value, this.options.now());
    const wrong = 'problem' in since;
    setText(this.#hint, wrong ? text(`replay.${since.problem}`) : text('replay.utc', since));
    this.#hint.classList.toggle('sagecrm-sb-wrong', wrong);
    this.#since.classList.toggle('input-error', wrong);
    setAttribute(this.#since, 'aria-invalid', wrong ? 'true' : undefined);
    const chosen = [...this.#boxes].filter(([, box]) => box.checked).map(([name]) => name);
    setText(this.#choiceProblem, chosen.length === 0 ? text('replay.none') : '');
    this.#submit.disabled = wrong || chosen.length === 0;
    if (wrong || chosen.length === 0) return undefined;
    const all = chosen.length === this.#boxes.size;
    return { since: since.iso, resources: all ? undefined : chosen };
  }
}
