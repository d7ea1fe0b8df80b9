import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { startReceiver, type WebhookReceiver } from '../simulator/webhook-receiver';
import { until } from '../support/until';
import { violations } from './support/axe';
import { CALLBACK, dialogFlow, faultyFlow, POLL, SERVER } from './support/dialog-flow';
import { EditorFlow } from './support/editor-flow';
import type { EditorPage } from './support/editor-page';
import { exampleFlow, exampleLabels } from './support/example-flow';
import { forwardingFlow } from './support/forwarding';
import type { FlowNode } from './support/node-red-process';
import { describeInEditor } from './support/shared-editor';
import { FORM, unfold } from './support/unfold';

/** The part of the editor's own API that these tests call, as the page sees it. */
declare const RED: { actions: { invoke(name: string): void } };

const MODULE = '@sagecrm-events/node-red-sagecrm';
const USER = { username: 'crm-user', password: 'crm-pass' };
const HOUR = 3_600_000;
/** Axe judges the contrast of what is on the screen only, so everything has to be. */
const WHOLE_FORM = { width: 1440, height: 4000 };
const WINDOW = { width: 1440, height: 900 };

/** A field of each dialog, what it holds, and what to write into it. */
const FIELDS: Readonly<Record<string, readonly [string, string, string]>> = {
  [SERVER]: ['#node-config-input-subdomain', 'http://crm.example.com', 'crm.example.org'],
  [POLL]: ['#node-input-startDate', '2026-01-01T00:00:00Z', '2026-01-31T00:00:00Z'],
  [CALLBACK]: ['#node-input-url', 'https://receiver.example.com', 'https://other.example.com'],
};

/**
 * The dialogs are tested in full in the newer editor; here is what depends on the editor: that it
 * opens, fills in, saves and deploys them, its undo, its sidebar, and its colours.
 */
describeInEditor('nodeRed4', 'the older editor', (shared) => {
  it('opens each dialog filled in, and deploys what was changed', async () => {
    const editor = await shared().show(dialogFlow());
    for (const [id, [field, before, after]] of Object.entries(FIELDS)) {
      await open(editor, id);
      await unfold(editor);
      await editor.untilValue(field, before);
      await editor.tray().locator(field).fill(after);
      await editor.closeDialog('ok');
    }
    await editor.deploy();
    const deployed = JSON.stringify(await shared().nodeRed.get<FlowNode[]>('/flows'));
    for (const [, , after] of Object.values(FIELDS)) assert.ok(deployed.includes(after), after);
    assert.deepEqual(editor.complaints, []);
  });

  it('takes an edit of each dialog back by undo, and by redo the edit', async () => {
    const editor = await shared().show(dialogFlow());
    const flow = new EditorFlow(editor);
    const before = await flow.nodes();
    for (const [id, [field, , after]] of Object.entries(FIELDS)) {
      await open(editor, id);
      await unfold(editor);
      await editor.tray().locator(field).fill(after);
      await editor.closeDialog('ok');
    }
    const edited = await flow.nodes();
    const edits = Object.keys(FIELDS).length;
    for (let undone = 0; undone < edits; undone += 1) await flow.undo();
    assert.deepEqual(await flow.nodes(), before);
    for (let redone = 0; redone < edits; redone += 1) await flow.redo();
    assert.deepEqual(await flow.nodes(), edited);
    assert.deepEqual(editor.complaints, []);
  });

  it('imports an example, whose dialogs open', async () => {
    const editor = await shared().show([{ id: 'other', type: 'tab', label: 'Other' }]);
    const [label = ''] = exampleLabels();
    const nodes = exampleFlow(label).filter(({ type }) => type.startsWith('sagecrm-'));
    await editor.importExample(
      MODULE,
      label,
      nodes.map(({ id }) => id),
    );
    for (const { id, type } of nodes) {
      if (type === 'sagecrm-config') await editor.editConfig(type, id);
      else await editor.edit(id);
      await editor.closeDialog('cancel');
    }
    assert.deepEqual(editor.complaints, []);
  });

  it('has no fault that axe finds in a dialog, all unfolded and with an error in it', async () => {
    const editor = await shared().show(faultyFlow());
    await editor.page.setViewportSize(WHOLE_FORM);
    for (const id of [SERVER, POLL, CALLBACK]) {
      await open(editor, id);
      await unfold(editor);
      if (id === SERVER) {
        await editor.tray().locator('#node-config-input-store').selectOption('redis');
      }
      await editor.tray().locator('[aria-invalid="true"]').first().waitFor();
      assert.deepEqual(await violations(editor.page, FORM), [], id);
      await editor.closeDialog('cancel');
    }
    await editor.page.setViewportSize(WINDOW);
  });

  it('has no fault that axe finds in the import panel, nor in the preview of a webhook', async () => {
    const editor = await shared().show(dialogFlow());
    await open(editor, POLL);
    await editor.tray().locator('#node-input-import-open').click();
    await editor.tray().locator('#node-input-import-text').fill('{ "configuration": 1 }');
    await editor.tray().locator('.sagecrm-transfer-problems').waitFor();
    assert.deepEqual(await violations(editor.page, '#node-input-transfer'), []);
    await editor.closeDialog('cancel');
    await open(editor, CALLBACK);
    const preview = editor.tray().locator('#sagecrm-callback-preview');
    await preview.evaluate((fold: HTMLDetailsElement) => {
      fold.open = true;
    });
    await preview.locator('.sagecrm-request').filter({ hasText: 'POST' }).waitFor();
    assert.deepEqual(await violations(editor.page, '#sagecrm-callback-preview'), []);
    await editor.closeDialog('cancel');
  });

  it('speaks the language that is chosen, Spanish of Spain from the Spanish texts', async () => {
    const editor = await shared().show(dialogFlow(), { language: 'es-ES' });
    await editor.edit(POLL);
    await editor.tray().locator('label', { hasText: 'Consultar cada' }).first().waitFor();
    await editor.closeDialog('cancel');
    assert.deepEqual(editor.complaints, []);
  });

  describe('with a server and a receiver', () => {
    let simulator: Simulator;
    let receiver: WebhookReceiver;

    beforeEach(async () => {
      simulator = await startSimulator(USER);
      receiver = await startReceiver();
      simulator.crm.seed({ companies: 3, people: 2 }, { stamp: Date.now() - HOUR });
    });

    afterEach(async () => {
      await shared().nodeRed.deploy([]);
      await receiver.close();
      await simulator.close();
    });

    it('shows a poll in the sidebar, without a fault that axe finds', async () => {
      const editor = await shared().show(
        forwardingFlow({
          ...{ ...USER, crm: simulator.url, callback: receiver.url, signatureKey: 'key' },
          interval: 0,
        }),
      );
      await editor.page.evaluate(() => {
        RED.actions.invoke('sagecrm:show-sidebar-tab');
      });
      const tab = editor.page.locator('.sagecrm-sidebar');
      await tab.getByRole('button', { name: /^Poll now/ }).click();
      const events = tab.locator('.sagecrm-sb-events > li');
      await until('the events are shown', async () => (await events.count()) === 5);
      assert.deepEqual(await violations(editor.page, '.sagecrm-sidebar'), []);
      assert.deepEqual(editor.complaints, []);
    });
  });
});

function open(editor: EditorPage, id: string): Promise<void> {
  return id === SERVER ? editor.editConfig('sagecrm-config', id) : editor.edit(id);
}
