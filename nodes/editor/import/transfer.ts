import { textOfDialog, type PollDialog } from './dialog';
import { buildExportPanel } from './export-panel';
import { buildImportPanel } from './import-panel';

const ROW = '#node-input-transfer';

type Build = (panel: JQuery, dialog: PollDialog, close: () => void) => void;

/** Adds the buttons for import and export to the poll node's dialog, with a fold for each. */
export function prepareTransfer(dialog: PollDialog): void {
  const row = $(ROW);
  const buttons = $('<div class="sagecrm-transfer-buttons">').appendTo(row);
  const folds = (
    [
      ['import', 'fa-download', buildImportPanel],
      ['export', 'fa-upload', buildExportPanel],
    ] as const
  ).map(([name, icon, build]) => fold(dialog, name, icon, build));
  for (const { button, panel, open } of folds) {
    buttons.append(button);
    row.append(panel);
    button.on('click', () => {
      const wasOpen = panel.prop('hidden') !== true;
      for (const each of folds) each.close();
      if (!wasOpen) open();
    });
  }
  $(
    '<div id="node-input-import-pending" class="sagecrm-transfer-pending" role="status" hidden>',
  ).appendTo(row);
}

interface Fold {
  button: JQuery;
  panel: JQuery;
  open: () => void;
  close: () => void;
}

function fold(dialog: PollDialog, name: 'import' | 'export', icon: string, build: Build): Fold {
  const label = textOfDialog(dialog)(`${name}.open`);
  const id = `node-input-${name}-panel`;
  const panel = $('<div class="sagecrm-transfer-panel" role="group" hidden>');
  panel.attr({ id, 'aria-label': label });
  const button = $('<button type="button" class="red-ui-button">').attr({
    ...{ id: `node-input-${name}-open`, 'aria-expanded': 'false', 'aria-controls': id },
  });
  button.append(
    $('<i aria-hidden="true">').addClass(`fa ${icon}`),
    document.createTextNode(` ${label}`),
  );
  const close = (): void => {
    panel.prop('hidden', true).empty().off();
    button.attr('aria-expanded', 'false');
  };
  const open = (): void => {
    panel.prop('hidden', false);
    button.attr('aria-expanded', 'true');
    build(panel, dialog, () => {
      close();
      button.trigger('focus');
    });
  };
  return { button, panel, open, close };
}
