import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { fieldValue } from '../form';
import type { EditorNode } from '../editor-node';
import { collectResources } from '../resources/list';
import { textOf } from '../values';
import { callbacksOf, nameOf } from './callbacks';
import { choiceOf } from './choice';
import { knownCredentials } from './credentials';
import { chosenServer, textButton, textOfDialog, type PollDialog } from './dialog';
import { exportInstance, type ExportedNodes } from './export-instance';
import { problemList } from './found-view';

const TEXT = 'node-input-export-text';

/** Builds the panel that shows the node as JSON; `close` folds it away. */
export function buildExportPanel(panel: JQuery, dialog: PollDialog, close: () => void): void {
  const text = textOfDialog(dialog);
  const area = $('<textarea rows="12" readonly spellcheck="false">').attr('id', TEXT);
  const problem = $('<div role="status">');
  const copy = textButton(text('export.copy'), () => {
    RED.clipboard.copyText(textOf(area.val()), copy, 'clipboard.copyMessageValue');
  });
  const download = textButton(text('export.download'), () => {
    save(textOf(area.val()), fileName(chosenServer(dialog)));
  });
  const buttons = $('<div class="sagecrm-transfer-buttons">').append(
    ...[copy, download, textButton(text('export.close'), close)],
  );

  const show = async (callback: EditorNode | undefined): Promise<void> => {
    const nodes = await nodesOf(dialog, callback);
    problem.empty();
    try {
      area.val(JSON.stringify(exportInstance(nodes), null, 2));
    } catch (error) {
      if (!(error instanceof SageCrmError)) throw error;
      area.val('');
      problem.append(problemList([{ path: '', message: error.message }], text));
    }
    copy.add(download).prop('disabled', area.val() === '');
  };

  panel.append(
    $('<label>').attr('for', TEXT).text(text('export.lead')),
    ...callbackPicker(dialog, (callback) => void show(callback)),
    ...[area, problem, buttons],
  );
  area.trigger('focus');
}

/** An instance has one callback: where there are several, the user says which. */
function callbackPicker(
  dialog: PollDialog,
  onPick: (callback: EditorNode | undefined) => void,
): JQuery[] {
  const [first, ...others] = callbacksOf(dialog.form.node);
  onPick(first);
  if (first === undefined || others.length === 0) return [];
  const option = (node: EditorNode): { label: string; value: EditorNode } => ({
    label: nameOf(node),
    value: node,
  });
  const legend = textOfDialog(dialog)('export.callback');
  const choice = choiceOf(
    ...(['sagecrm-export-callback', legend, [option(first), ...others.map(option)], 0] as const),
  );
  choice.element.on('change', () => {
    onPick(choice.value());
  });
  return [choice.element];
}

async function nodesOf(
  dialog: PollDialog,
  callback: EditorNode | undefined,
): Promise<ExportedNodes> {
  const server = chosenServer(dialog);
  const [ofServer, ofCallback] = await Promise.all([
    server ? knownCredentials(server) : {},
    callback ? knownCredentials(callback) : {},
  ]);
  return {
    poll: {
      interval: fieldValue(dialog.form, 'interval'),
      resources: collectResources(dialog.form.node),
    },
    ...(server ? { server: { node: server, credentials: ofServer } } : {}),
    ...(callback ? { callback: { node: callback, credentials: ofCallback } } : {}),
  };
}

function fileName(server: EditorNode | null): string {
  const name = server === null ? '' : nameOf(server).replace(/[^\w-]+/g, '-');
  return `${name === '' ? 'sagecrm' : name}.json`;
}

function save(content: string, name: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
  const link = $('<a>').attr({ href: url, download: name });
  link.get(0)?.click();
  URL.revokeObjectURL(url);
}
