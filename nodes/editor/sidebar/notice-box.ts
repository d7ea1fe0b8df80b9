import type { AdminFailure } from '../admin-api';
import { make, setText } from './elements';
import { text } from './text';

/** What stands above everything else: that something failed, or what to do first. */
export class NoticeBox {
  readonly element = make('div', 'sagecrm-sb-notice');
  readonly #message = make('p');
  readonly #nextStep = make('p');
  readonly #retry = make('button', 'red-ui-button', text('notice.retry'));
  readonly #import = make('button', 'red-ui-button', text('notice.import'));

  constructor(onRetry: () => void) {
    this.#message.setAttribute('role', 'status');
    this.#retry.type = 'button';
    this.#retry.addEventListener('click', onRetry);
    this.#import.type = 'button';
    this.#import.addEventListener('click', () => {
      RED.actions.invoke('core:show-examples-import-dialog');
    });
    this.element.append(this.#message, this.#nextStep, this.#retry, this.#import);
    this.hide();
  }

  hide(): void {
    this.element.hidden = true;
    setText(this.#message, '');
  }

  showFailure({ message, nextStep }: AdminFailure): void {
    this.#show(message, nextStep);
    this.#retry.hidden = false;
  }

  /** Nothing of ours is deployed. */
  showFirstSteps(): void {
    this.#show(text('notice.empty'), text('notice.emptyNext'));
    this.#import.hidden = false;
  }

  showDenied(): void {
    this.#show(text('notice.denied'), text('notice.deniedNext'));
  }

  #show(message: string, nextStep: string): void {
    this.element.hidden = false;
    this.#retry.hidden = true;
    this.#import.hidden = true;
    setText(this.#message, message);
    setText(this.#nextStep, nextStep);
  }
}
