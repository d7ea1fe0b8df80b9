import assert from 'node:assert/strict';
import { CALLBACK, dialogFlow, POLL, SERVER } from './support/dialog-flow';
import { EditorFlow } from './support/editor-flow';
import type { EditorPage } from './support/editor-page';
import type { FlowNode } from './support/node-red-process';
import { describeInEditor } from './support/shared-editor';
import { unfold } from './support/unfold';

describeInEditor('nodeRed5', 'a flow in the editor', (shared) => {
  let editor: EditorPage;
  let flow: EditorFlow;

  beforeEach(async () => {
    editor = await shared().show(dialogFlow());
    flow = new EditorFlow(editor);
  });

  it('is the same after every dialog was closed with Done', async () => {
    const before = await flow.nodes();
    for (const id of [SERVER, POLL, CALLBACK]) {
      await open(id);
      await editor.closeDialog('ok');
      assert.equal(await flow.isChanged(id), false, id);
    }
    assert.deepEqual(await flow.nodes(), before);
    assert.equal(await flow.isDirty(), false);
    assert.deepEqual(editor.complaints, []);
  });

  it('gets every property back by undo, and by redo the edit', async () => {
    const before = unplaced(await flow.nodes());
    for (const [id, fields] of Object.entries(EDITS)) {
      await open(id);
      await unfold(editor);
      for (const [selector, value] of Object.entries(fields)) {
        await editor.tray().locator(selector).first().fill(value);
      }
      await editor.closeDialog('ok');
      assert.equal(await flow.isChanged(id), true, id);
    }
    const edited = unplaced(await flow.nodes());
    assert.notDeepEqual(edited, before);

    await times(Object.keys(EDITS).length, () => flow.undo());
    assert.deepEqual(unplaced(await flow.nodes()), before);
    assert.equal(await flow.isDirty(), false);

    await times(Object.keys(EDITS).length, () => flow.redo());
    assert.deepEqual(unplaced(await flow.nodes()), edited);
    assert.deepEqual(editor.complaints, []);
  });

  it('shows an undone edit of a resource in the dialog', async () => {
    await open(POLL);
    await openFirstResource();
    await editor.tray().locator('textarea.sagecrm-url').first().fill('/hubs/crm/others?where=a');
    await editor.closeDialog('ok');
    await flow.undo();
    await open(POLL);
    const url = editor.tray().locator('textarea.sagecrm-url').first();
    assert.match(await url.inputValue(), /^\/hubs\/crm\/accounts\?/);
    await editor.closeDialog('cancel');
  });

  it('takes a copy of a poll node as a node of its own', async () => {
    const original = await flow.node(POLL);
    const id = await flow.duplicate(POLL);
    assert.notEqual(id, POLL);
    const copy = await flow.node(id);
    assert.deepEqual(copy?.resources, original?.resources);
    assert.equal(copy?.server, SERVER);

    await open(id);
    await openFirstResource();
    await editor.tray().locator('textarea.sagecrm-url').first().fill('/hubs/crm/others?where=a');
    await editor.closeDialog('ok');
    assert.notDeepEqual((await flow.node(id))?.resources, original?.resources);
    assert.deepEqual(await flow.node(POLL), original);
    assert.equal(await flow.isChanged(POLL), false);
  });

  it('gets a deleted configuration node back by undo, and who used it with it', async () => {
    const before = await flow.nodes();
    await open(SERVER);
    await editor.tray().getByRole('button', { name: 'Delete', exact: true }).click();
    await editor.tray().waitFor({ state: 'detached' });
    assert.equal(await flow.node(SERVER), undefined);
    await flow.undo();
    assert.deepEqual(byId(await flow.nodes()), byId(before));
    await open(SERVER);
    await editor.untilValue('#node-config-input-username', 'someone');
    await editor.closeDialog('cancel');
    assert.deepEqual(editor.complaints, []);
  });

  function open(id: string): Promise<void> {
    return id === SERVER ? editor.editConfig('sagecrm-config', id) : editor.edit(id);
  }

  function openFirstResource(): Promise<void> {
    return editor.tray().locator('.sagecrm-resource-toggle').first().click();
  }
});

/** Fields of each dialog, and what to write into them. */
const EDITS: Readonly<Record<string, Record<string, string>>> = {
  [SERVER]: {
    '#node-config-input-name': 'Head office',
    '#node-config-input-subdomain': 'crm.example.org/base',
    '#node-config-input-timezone': 'Europe/Berlin',
    '#node-config-input-timeout': '12',
    '#node-config-input-tag-list': 'one, two',
  },
  [POLL]: {
    '#node-input-name': 'All of them',
    '#node-input-interval': '7.5',
    '#node-input-startDate': '2026-01-31T00:00:00Z',
    '#node-input-maxInFlight': '5',
    'textarea.sagecrm-url': '/hubs/crm/others?where=a',
  },
  [CALLBACK]: {
    '#node-input-name': 'To the receiver',
    '#node-input-url': 'https://receiver.example.org/hooks',
    '#node-input-retries': '0s 1m',
    '#node-input-concurrency': '3',
    '#node-input-rateLimit': '2.5',
    '#node-input-timeout': '9',
  },
};

async function times(count: number, work: () => Promise<void>): Promise<void> {
  for (let done = 0; done < count; done++) await work();
}

/** Without its place: Node-RED 5 keeps a node on its grid as the label gets longer or shorter. */
function unplaced(nodes: readonly FlowNode[]): FlowNode[] {
  return nodes.map((node) => ({ ...node, x: undefined }));
}

function byId(nodes: readonly FlowNode[]): FlowNode[] {
  return [...nodes].sort((a, b) => a.id.localeCompare(b.id));
}
