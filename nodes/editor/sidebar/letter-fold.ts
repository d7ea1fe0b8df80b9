import type { DeadLetterView } from '../../sagecrm-callback/dead-letter-view';
import { mayWrite, postAdmin } from '../admin-api';
import { ActionButton } from './action-button';
import { Attempt } from './attempt';
import { withoutPermission } from './card';
import { Coalesced } from './coalesced';
import { make, setText } from './elements';
import { KeyedList } from './keyed-list';
import { LetterRow } from './letter-row';
import { confirmed } from './notices';
import { text } from './text';

/** How many dead letters are shown at first, and how many more at a time. */
const PAGE = 50;
/** The most that the server hands out at once. */
const MOST = 1000;

type Choice = { letters: number[] } | { all: true };

/** The dead letters of a callback node, newest first, read once the fold is opened. */
export class LetterFold {
  readonly element = make('details', 'sagecrm-sb-fold');
  readonly #summary = make('summary');
  readonly #list = make('ul', 'sagecrm-sb-letters');
  readonly #rows: KeyedList<DeadLetterView>;
  readonly #replayAll = new ActionButton(() => this.#do('replay', { all: true }));
  readonly #dropAll = new ActionButton(() => this.#drop({ all: true }, String(this.#count)));
  readonly #more = make('button', 'red-ui-button red-ui-button-small', text('letters.more'));
  readonly #attempt = new Attempt();
  readonly #reading = new Coalesced(async () => {
    await this.#attempt.run(() => this.#read());
  });
  #wanted = PAGE;
  #letters: DeadLetterView[] = [];
  #count = 0;

  /** @param id of the callback node */
  constructor(
    private readonly id: string,
    private readonly onDone: () => void,
  ) {
    this.#rows = new KeyedList(
      this.#list,
      ({ letter }) => String(letter),
      (view) =>
        new LetterRow(view, {
          mayWrite: () => this.#mayWrite(),
          replay: (letter) => this.#do('replay', { letters: [letter] }),
          drop: (letter) => this.#drop({ letters: [letter] }, '1'),
        }),
    );
    this.#more.type = 'button';
    this.#more.addEventListener('click', () => {
      this.#wanted += PAGE;
      this.#reading.request();
    });
    const buttons = make('div', 'sagecrm-sb-buttons');
    buttons.append(this.#replayAll.element, this.#dropAll.element);
    this.element.append(this.#summary, buttons, this.#list, this.#more);
    this.element.addEventListener('toggle', () => {
      if (this.element.open) this.#reading.request();
    });
  }

  /** @param count how many dead letters the node has */
  update(count: number): void {
    const changed = count !== this.#count;
    this.#count = count;
    setText(this.#summary, text('letters.title', { number: count }));
    if (count === 0 && this.element.contains(document.activeElement)) this.#summary.focus();
    if (changed && this.element.open) this.#reading.request();
    this.#show();
  }

  #show(): void {
    this.#rows.show(this.#letters);
    this.#more.hidden = this.#letters.length >= this.#count;
    const refusal =
      withoutPermission(this.#mayWrite()) ?? (this.#count === 0 ? text('letters.none') : undefined);
    const replayAll = text('letters.replayAll');
    const dropAll = text('letters.dropAll');
    this.#replayAll.show({ icon: 'fa-repeat', label: replayAll, name: replayAll, refusal });
    this.#dropAll.show({ icon: 'fa-trash-o', label: dropAll, name: dropAll, refusal });
  }

  #mayWrite(): boolean {
    return mayWrite('sagecrm-callback.write');
  }

  async #read(): Promise<void> {
    const letters: DeadLetterView[] = [];
    while (letters.length < this.#wanted) {
      const limit = Math.min(MOST, this.#wanted - letters.length);
      const page = await this.#readPage(limit, letters.at(-1)?.letter);
      letters.push(...page);
      if (page.length < limit) break;
    }
    this.#letters = letters;
    this.#show();
  }

  #readPage(limit: number, after: number | undefined): Promise<DeadLetterView[]> {
    const page = { order: 'newest', limit, ...(after === undefined ? {} : { after }) };
    return postAdmin('/sagecrm-callback/dead-letters', { id: this.id, ...page });
  }

  async #drop(choice: Choice, number: string): Promise<void> {
    const question = text('letters.dropQuestion', { number });
    if (await confirmed({ question, yes: text('letters.dropYes') })) await this.#do('drop', choice);
  }

  async #do(name: 'replay' | 'drop', choice: Choice): Promise<void> {
    await postAdmin(`/sagecrm-callback/${name}`, { id: this.id, ...choice });
    const gone = 'all' in choice ? undefined : choice.letters;
    this.#letters = this.#letters.filter(({ letter }) => gone?.includes(letter) === false);
    this.#show();
    this.onDone();
  }
}
