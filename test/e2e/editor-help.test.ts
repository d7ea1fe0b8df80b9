import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { ROOT, runCaptured } from '../../scripts/process';
import type { Runtime } from '../../scripts/runtimes';
import { CALLBACK, dialogFlow, POLL, SERVER } from './support/dialog-flow';
import type { EditorPage } from './support/editor-page';
import { newUserDir } from './support/package';
import { describeOnEachRuntime } from './support/runtimes';
import { describeInEditor } from './support/shared-editor';

/** The part of the editor's own API that these tests call, as the page sees it. */
interface EditorApi {
  sidebar: { help: { show(type: string): void } };
}

declare const RED: EditorApi;

const MODULE = '@sagecrm-events/node-red-sagecrm';

interface Language {
  /** As Node-RED's editor names it in its user settings. */
  code: string;
  /** Folder of the pages; Node-RED falls back from `es-ES` to the texts in `es`. */
  folder: string;
  sections: string[];
  /** A label of each dialog. */
  labels: { poll: string; callback: string; server: string };
}

const LANGUAGES: readonly Language[] = [
  {
    code: 'de',
    folder: 'de',
    sections: ['Eingangsdaten', 'Ausgangsdaten', 'Details', 'Verweise'],
    labels: { poll: 'Abfragen alle', callback: 'Wartezeiten', server: 'Ratenbegrenzung' },
  },
  {
    code: 'fr',
    folder: 'fr',
    sections: ['Entrées', 'Sorties', 'Détails', 'Références'],
    labels: {
      poll: 'Interroger toutes les',
      callback: 'Clé de signature',
      server: 'Limite de débit',
    },
  },
  {
    code: 'es-ES',
    folder: 'es',
    sections: ['Entradas', 'Salidas', 'Detalles', 'Referencias'],
    labels: {
      poll: 'Consultar cada',
      callback: 'Clave de firma',
      server: 'Límite de frecuencia',
    },
  },
];

/** What i18next shows where it finds no text. */
const MISSING_KEY = /\bsagecrm-(?:config|poll|callback|sidebar)(?:\.(?!svg\b)[\w-]+)+/g;

describeInEditor('nodeRed5', 'the editor in another language', (shared) => {
  for (const { code, folder, sections, labels } of LANGUAGES) {
    it(`shows dialogs and help in ${code}`, async () => {
      const editor = await shared().show(dialogFlow(), { language: code });

      await editor.edit(POLL);
      await assertSpeaks(editor.tray(), labels.poll);
      await editor.closeDialog('cancel');
      await editor.edit(CALLBACK);
      await assertSpeaks(editor.tray(), labels.callback);
      await editor.closeDialog('cancel');
      await editor.editConfig('sagecrm-config', SERVER);
      await assertSpeaks(editor.tray(), labels.server);
      await editor.closeDialog('cancel');

      for (const type of ['sagecrm-callback', 'sagecrm-poll']) {
        const help = await showHelp(editor, type);
        assert.equal(await help.locator('p').first().textContent(), tooltipOf(folder, type));
        assert.deepEqual(await help.locator('h3').allTextContents(), sections);
        assert.equal(await help.locator('table').count(), 0);
      }
      assert.deepEqual(editor.complaints, []);
    });
  }
});

describeOnEachRuntime('a status', (runtime) => {
  it('is in the language of the runtime', async () => {
    const modules = path.join(await newUserDir(), 'node_modules');
    const folder = path.join(modules, MODULE, 'dist/nodes/sagecrm-poll/locales');
    const texts = ['de', 'de-DE', 'fr', 'es', 'es-ES'].map((lang) =>
      statusIn(lang, folder, runtime()),
    );
    assert.deepEqual(await Promise.all(texts), [
      'pausiert',
      'pausiert',
      'en pause',
      'en pausa',
      'en pausa',
    ]);
  });
});

/** What the runtime makes of a status when its setting `lang`, or the machine's, is this. */
async function statusIn(lang: string, folder: string, runtime: Runtime): Promise<string> {
  const i18n = createRequire(runtime.script).resolve('@node-red/util');
  const script = `
    const { i18n } = require(${JSON.stringify(i18n)});
    i18n.init({ lang: ${JSON.stringify(lang)} });
    i18n.registerMessageCatalog('ours', ${JSON.stringify(folder)}, 'sagecrm-poll.json')
      .then(() => process.stdout.write(i18n._('ours:sagecrm-poll.status.paused')));`;
  const { output } = await runCaptured(runtime.node, ['-e', script]);
  return output;
}

/** Every text of a dialog is there, also those behind a fold and those for screen readers. */
async function assertSpeaks(dialog: Locator, label: string): Promise<void> {
  await dialog.locator('label', { hasText: label }).first().waitFor({ state: 'attached' });
  const markup = await dialog.evaluate((element) => element.innerHTML);
  const texts = markup.replaceAll(/data-i18n="[^"]*"/g, '');
  assert.deepEqual(texts.match(MISSING_KEY) ?? [], []);
}

/** The help of a node type in the sidebar. Its title is what the palette calls the type. */
async function showHelp({ page }: EditorPage, type: string): Promise<Locator> {
  await page.evaluate((name) => {
    RED.sidebar.help.show(name);
  }, type);
  const title = type.replace('sagecrm-', 'sage crm ');
  await page.locator('.red-ui-help-title', { hasText: title }).waitFor();
  return page.locator('.red-ui-sidebar-help-stack .red-ui-help');
}

/** The first paragraph of a node's page, as text. */
function tooltipOf(folder: string, type: string): string {
  const page = readFileSync(path.join(ROOT, 'docs', 'nodes', folder, `${type}.md`), 'utf8');
  return (page.split('\n\n')[1] ?? '').replaceAll('`', '');
}
