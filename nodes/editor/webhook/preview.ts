import type { RequestPreview } from '../../../src/delivery/preview';
import { AdminFailure, postAdmin } from '../admin-api';
import { field, type Form } from '../form';
import { requestBody } from './request-body';

const FOLD = '#sagecrm-callback-preview';

/** Nobody reads while they type. */
const WAIT_MS = 250;

/** Shows the request that the node would send, as long as the fold is open, after every change. */
export function buildPreview(form: Form): void {
  const fold = $(FOLD);
  const shown = fold.find('.sagecrm-request');
  let latest = 0;
  let timer: number | undefined;

  const refresh = async (): Promise<void> => {
    latest += 1;
    const asked = latest;
    const content = await contentFor(form);
    // A later question may have been answered first.
    if (asked === latest) shown.empty().append(...content);
  };
  const refreshSoon = (): void => {
    window.clearTimeout(timer);
    if (fold.prop('open') !== true) return;
    timer = window.setTimeout(() => {
      // The dialog may have closed in the meantime.
      if (shown[0]?.isConnected === true) void refresh();
    }, WAIT_MS);
  };
  fold.on('toggle', () => {
    if (fold.prop('open') === true) void refresh();
  });
  field(form, 'url').closest('.sagecrm-form').on('input change', refreshSoon);
}

async function contentFor(form: Form): Promise<JQuery[]> {
  try {
    const preview = await postAdmin<RequestPreview>('sagecrm-callback/preview', requestBody(form));
    return requestLines(preview);
  } catch (error) {
    if (!(error instanceof AdminFailure)) throw error;
    return [span('sagecrm-problem', `${error.message}\n${error.nextStep}`)];
  }
}

/** As HTTP puts it: the request line, the headers, a blank line and the body. */
function requestLines({ method, url, headers, body }: RequestPreview): JQuery[] {
  const lines = Object.entries(headers).flatMap(([name, value]) => [
    span('sagecrm-request-name', `${name}: `),
    span('', `${value}\n`),
  ]);
  return [span('sagecrm-request-line', `${method} ${url}\n`), ...lines, span('', `\n${body}`)];
}

function span(name: string, text: string): JQuery {
  return $('<span>').addClass(name).text(text);
}
