import type { AdminFailure } from '../admin-api';
import { make } from './elements';
import { text } from './text';

/** Tells at the top of the editor what went wrong and what to do about it. */
export function notifyFailure({ message, nextStep }: AdminFailure): void {
  const told = make('div', '', make('p', '', message), make('p', '', nextStep));
  told.setAttribute('role', 'alert');
  RED.notify($(told), { type: 'error' });
}

export interface Question {
  question: string;
  /** What the button says that does it. */
  yes: string;
}

/** Asks before something that cannot be undone; resolves to the answer. */
export function confirmed({ question, yes }: Question): Promise<boolean> {
  const asker = document.activeElement;
  return new Promise((resolve) => {
    const answer = (value: boolean): void => {
      notice.close();
      if (asker instanceof HTMLElement) asker.focus();
      resolve(value);
    };
    const decline = (): void => {
      answer(false);
    };
    const agree = (): void => {
      answer(true);
    };
    const notice = RED.notify($(make('p', '', question)), {
      type: 'warning',
      fixed: true,
      modal: true,
      buttons: [
        { text: text('confirm.no'), click: decline },
        { text: yes, class: 'primary', click: agree },
      ],
    });
    notice.setAttribute('role', 'alertdialog');
    notice.setAttribute('aria-label', question);
    notice.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') decline();
    });
    notice.querySelector('button')?.focus();
  });
}
