import { defaultResources } from '../../../src/config/defaults';
import { collectResources } from '../resources/list';
import { readResources, savedResources } from '../resources/set';
import { sameJson, textOf } from '../values';
import { fill, textButton, textOfDialog, type PollDialog } from './dialog';
import { takeDroppedFile, readFile } from './file';
import { foundList, problemList } from './found-view';
import { offersFor, type Offers } from './offers';
import { showPending } from './pending';
import { recognise, type Recognised } from './recognise';

const LIST = '#node-input-resource-list';
const TEXT = 'node-input-import-text';

/** Builds the panel to import JSON; `close` folds it away. */
export function buildImportPanel(panel: JQuery, dialog: PollDialog, close: () => void): void {
  const text = textOfDialog(dialog);
  const area = $('<textarea rows="7" spellcheck="false">').attr('id', TEXT);
  const result = $('<div role="status" aria-live="polite">');
  const offered = $('<div>');
  let shown = '';
  let ready: { found: Recognised; offers: Offers } | undefined;

  const importButton = textButton(text('import.import'), () => {
    if (ready === undefined) return;
    const { found, offers } = ready;
    askBeforeReplacing(dialog, found, () => void take(dialog, found, offers).then(close));
  });
  const show = (written: string): void => {
    // One paste tells of a change for each of its lines.
    if (written === shown) return;
    shown = written;
    ready = undefined;
    result.empty();
    offered.empty();
    if (written.trim() !== '') {
      const recognition = recognise(written);
      if ('problems' in recognition) {
        result.append(problemList(recognition.problems, text));
      } else {
        const { found } = recognition;
        ready = { found, offers: offersFor(dialog, found) };
        result.append(foundList(found, text));
        offered.append(ready.offers.element);
      }
    }
    const isReady = ready !== undefined;
    importButton.prop('disabled', !isReady).toggleClass('primary', isReady);
  };
  const takeFile = (file: File): void => {
    readFile(file).then(
      (content) => {
        area.val(content);
        show(content);
      },
      () => {
        show('');
        area.val('');
        result.empty().append(problemList([{ path: '', message: text('import.tooLarge') }], text));
      },
    );
  };

  area.on('input', () => {
    show(textOf(area.val()));
  });
  takeDroppedFile(panel, takeFile);
  panel.append(
    $('<label>').attr('for', TEXT).text(text('import.lead')),
    area,
    fileButton(text('import.file'), takeFile),
    ...[result, offered],
    $('<div class="sagecrm-transfer-buttons">').append(
      importButton.attr('id', 'node-input-import-run').prop('disabled', true),
      textButton(text('import.cancel'), close),
    ),
  );
  area.trigger('focus');
}

function fileButton(label: string, onFile: (file: File) => void): JQuery {
  const input = $('<input type="file" accept=".json,application/json" hidden>');
  input.attr('id', 'node-input-import-file').on('change', () => {
    const [file] = input.prop('files') as FileList;
    if (file !== undefined) onFile(file);
    input.val('');
  });
  const button = textButton(label, () => {
    input.trigger('click');
  });
  return button.add(input);
}

/** The user's own resources are not lost unasked. */
function askBeforeReplacing(dialog: PollDialog, { poll }: Recognised, go: () => void): void {
  const text = textOfDialog(dialog);
  const rows = readResources(collectResources(dialog.form.node)) ?? [];
  const present = savedResources(rows);
  const harmless = [defaultResources(), poll.resources, {}];
  if (harmless.some((resources) => sameJson(present, resources))) {
    go();
    return;
  }
  const question = RED.notify(text('import.replace.question'), {
    ...{ type: 'warning', modal: true, fixed: true },
    buttons: [
      {
        text: text('import.cancel'),
        click: () => {
          question.close();
        },
      },
      {
        text: text('import.replace.replace'),
        class: 'primary',
        click: () => {
          question.close();
          go();
        },
      },
    ],
  });
}

async function take(dialog: PollDialog, found: Recognised, offers: Offers): Promise<void> {
  const plan = await offers.plan();
  const { interval, resources } = found.poll;
  if (interval !== undefined) fill(dialog, 'interval', String(interval));
  $(LIST).editableList('empty');
  for (const [key, value] of Object.entries(resources)) {
    $(LIST).editableList('addItem', { resource: { key, value: structuredClone(value) } });
  }
  dialog.refresh();
  showPending(dialog, plan);
}
