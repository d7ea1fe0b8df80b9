import { AdminFailure, mayWrite, postAdmin } from '../admin-api';
import { answerView, problemView, type TryAnswer, type TryText } from './answer-view';

const PERMISSION = 'sagecrm-config.write';

export interface TryPanelOptions {
  /** Prefix of the ids of the row's fields. */
  id: string;
  text: TryText;
  /** What to send; undefined while no server is chosen. */
  question: () => object | undefined;
}

/** The button that reads one page of a resource, and below it what came. */
export function tryPanel({ id, text, question }: TryPanelOptions): JQuery {
  const result = $('<div class="sagecrm-try-result" role="status">');
  const button = $('<button type="button" class="red-ui-button red-ui-button-small">');
  const hint = $('<span class="sagecrm-hint">').attr('id', `${id}-try-hint`).text(text('hint'));
  $('<i class="fa fa-flask" aria-hidden="true">').appendTo(button);
  button.append(document.createTextNode(` ${text('start')}`));
  button.attr({ id: `${id}-try`, 'aria-describedby': `${id}-try-hint` });
  if (!mayWrite(PERMISSION)) {
    button.prop('disabled', true);
    hint.text(text('notAllowed'));
  }
  const run = async (): Promise<void> => {
    const asked = question();
    if (asked === undefined) {
      result.text(text('noServer'));
      return;
    }
    button.prop('disabled', true);
    result.text(text('running'));
    result.empty().append(await outcomeOf(asked, text));
    button.prop('disabled', false);
  };
  button.on('click', () => void run());
  return $('<div class="sagecrm-try">').append(button, hint, result);
}

async function outcomeOf(question: object, text: TryText): Promise<JQuery> {
  try {
    return answerView(await postAdmin<TryAnswer>('/sagecrm-poll/try', question), text);
  } catch (error) {
    if (!(error instanceof AdminFailure)) throw error;
    return problemView({ message: error.message, nextStep: error.nextStep, stops: true }, text);
  }
}
