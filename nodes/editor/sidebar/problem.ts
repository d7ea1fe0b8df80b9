import type { ProblemView } from '../../../src/monitor/overview';
import { ageElement, setAge } from './age';
import { icon, make, setText } from './elements';

/** What went wrong, when, and what to do about it; hidden while nothing is wrong. */
export class ProblemBox {
  readonly element = make('div', 'sagecrm-sb-problem');
  readonly #message = make('span', 'sagecrm-sb-problem-message');
  readonly #nextStep = make('div');
  readonly #age = ageElement();
  readonly #code = make('code');

  constructor() {
    const first = make('div', '', icon('fa-exclamation-triangle'), ' ', this.#message);
    this.element.append(
      first,
      this.#nextStep,
      make('div', 'sagecrm-sb-small', this.#code, ' · ', this.#age),
    );
    this.element.hidden = true;
  }

  show(problem: ProblemView | undefined, now: number): void {
    this.element.hidden = problem === undefined;
    if (problem === undefined) return;
    setText(this.#message, problem.message);
    setText(this.#nextStep, problem.nextStep);
    setText(this.#code, problem.code);
    setAge(this.#age, problem.at, now, '');
  }
}
