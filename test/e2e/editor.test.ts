import assert from 'node:assert/strict';
import type { EditorPage } from './support/editor-page';
import { exampleFlow, exampleLabels } from './support/example-flow';
import type { FlowNode, NodeRedProcess } from './support/node-red-process';
import { describeInEditor } from './support/shared-editor';

const MODULE = '@sagecrm-events/node-red-sagecrm';
const RESOURCES = ['accounts', 'contacts', 'leads', 'opportunities', 'users'];

describeInEditor('nodeRed5', 'the editor', (shared) => {
  let editor: EditorPage;

  beforeEach(async () => {
    editor = await shared().show([{ id: 'tab', type: 'tab', label: 'Flow' }]);
  });

  it('shows the two nodes in their own category', async () => {
    const types = await editor.paletteTypes();
    assert.deepEqual(types.sort(), ['sagecrm-callback', 'sagecrm-poll']);
    assert.deepEqual(editor.complaints, []);
  });

  it('opens a new poll node with the five documented resources', async () => {
    await editor.addNode('sagecrm-poll');
    const keys = editor.tray().locator('.sagecrm-resource-key');
    await keys.nth(RESOURCES.length - 1).waitFor();
    assert.deepEqual(await keys.allTextContents(), RESOURCES);
    assert.deepEqual(editor.complaints, []);
  });

  it('marks a URL template that cannot be used, and says why', async () => {
    await editor.addNode('sagecrm-poll');
    const tray = editor.tray();
    await tray.locator('.sagecrm-resource-toggle').first().click();
    const url = tray.locator('textarea.sagecrm-url').first();
    await url.fill("/hubs/crm/accounts?where=Comp_UpdatedDate>'${gmtDate:yyyy-bb}'");
    await tray.locator('textarea.sagecrm-url.input-error').waitFor();
    const problem = await tray.locator('.sagecrm-resource-body .sagecrm-problem').textContent();
    assert.match(problem ?? '', /"b"|\bb\b/);
    await url.fill("/hubs/crm/accounts?where=Comp_UpdatedDate>'${gmtDate:yyyy-MM-dd}'");
    await tray.locator('textarea.sagecrm-url.input-error').waitFor({ state: 'detached' });
    assert.deepEqual(editor.complaints, []);
  });

  for (const label of exampleLabels()) {
    it(`imports the example "${label}" and opens the dialogs of our nodes`, async () => {
      const nodes = exampleFlow(label).filter(({ type }) => type.startsWith('sagecrm-'));
      await editor.importExample(MODULE, label, idsOf(nodes));
      for (const { id, type } of nodes) {
        if (type === 'sagecrm-config') await editor.editConfig(type, id);
        else await editor.edit(id);
        await editor.closeDialog('cancel');
      }
      assert.deepEqual(editor.complaints, []);
    });
  }

  it('deploys what was set up in its dialogs', async () => {
    const [label = ''] = exampleLabels();
    const flow = exampleFlow(label);
    await editor.importExample(MODULE, label, idsOf(flow.filter(({ type }) => type !== 'tab')));
    const server = flow.find(({ type }) => type === 'sagecrm-config')?.id ?? '';
    await editor.editConfig('sagecrm-config', server);
    const tray = editor.tray();
    await editor.untilValue('#node-config-input-subdomain', 'crm.example.com');
    await tray.locator('#node-config-input-subdomain').fill('crm.example.org');
    await tray.locator('#node-config-input-username').fill('someone');
    await tray.locator('#node-config-input-password').fill('a secret');
    await editor.closeDialog('ok');
    const poll = flow.find(({ type }) => type === 'sagecrm-poll')?.id ?? '';
    await editor.edit(poll);
    await editor.untilValue('#node-input-interval', '15');
    await editor.tray().locator('#node-input-interval').fill('0');
    await editor.closeDialog('ok');
    await editor.deploy();

    const { flows } = await deployedFlows(shared().nodeRed);
    const text = JSON.stringify(flows);
    assert.match(text, /"subdomain":"crm\.example\.org"/);
    assert.match(text, /"interval":0/);
    assert.doesNotMatch(text, /a secret/);
    assert.deepEqual(editor.complaints, []);
  });
});

function idsOf(nodes: readonly FlowNode[]): string[] {
  return nodes.map(({ id }) => id);
}

async function deployedFlows(nodeRed: NodeRedProcess): Promise<{ flows: unknown[] }> {
  const response = await nodeRed.request('GET', '/flows', undefined, {
    'Node-RED-API-Version': 'v2',
  });
  return (await response.json()) as { flows: unknown[] };
}
