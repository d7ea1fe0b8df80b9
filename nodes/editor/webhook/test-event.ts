import type { TestReport } from '../../sagecrm-callback/test-report';
import { AdminFailure, mayWrite, postAdmin } from '../admin-api';
import type { Form } from '../form';
import { requestBody } from './request-body';

/** Lets the button send one event now, and shows what came of it. */
export function buildTest(form: Form): void {
  const button = $('#sagecrm-callback-test');
  const result = $('#sagecrm-callback-test-result');
  const text = (key: string, values?: Record<string, unknown>): string =>
    form.node._(`${form.node.type}.test.${key}`, values);

  const run = async (): Promise<void> => {
    button.prop('disabled', true);
    result.empty().append(line('', text('sending')));
    const content = await resultOf(form, text);
    result.empty().append(...content);
    button.prop('disabled', false);
  };
  if (!mayWrite('sagecrm-callback.write')) {
    button.prop('disabled', true);
    result.append(line('', text('notAllowed')));
    return;
  }
  button.on('click', () => void run());
}

async function resultOf(
  form: Form,
  text: (key: string, values?: Record<string, unknown>) => string,
): Promise<JQuery[]> {
  try {
    const report = await postAdmin<TestReport>('sagecrm-callback/test', requestBody(form));
    const { id, statusCode = '', durationMs, error, excerpt } = report;
    const lines =
      error === undefined
        ? [
            line(
              'fa-check sagecrm-good',
              text('delivered', { status: statusCode, duration: durationMs }),
            ),
          ]
        : [...failure(error), line('', text('took', { duration: durationMs }))];
    return [...lines, line('', text('id', { id })), ...answer(excerpt, text('answer'))];
  } catch (error) {
    if (!(error instanceof AdminFailure)) throw error;
    return failure(error);
  }
}

function failure({ message, nextStep }: { message: string; nextStep: string }): JQuery[] {
  return [line('fa-times sagecrm-bad', message), ...(nextStep === '' ? [] : [line('', nextStep)])];
}

/** @param icon none when empty */
function line(icon: string, text: string): JQuery {
  const shown = $('<div>').text(text);
  return icon === ''
    ? shown
    : shown.prepend($('<i aria-hidden="true">').addClass(`fa ${icon}`), ' ');
}

function answer(excerpt: string | undefined, label: string): JQuery[] {
  if (excerpt === undefined) return [];
  const shown = $('<pre class="sagecrm-answer" tabindex="0" role="region">');
  return [line('', label), shown.attr('aria-label', label).text(excerpt)];
}
