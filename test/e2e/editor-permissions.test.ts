import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { CALLBACK, dialogFlow, POLL, SERVER } from './support/dialog-flow';
import { EditorPage, launchBrowser } from './support/editor-page';
import { NodeRedProcess } from './support/node-red-process';
import { newUserDir } from './support/package';
import { leaks } from './support/planted';
import { describeOnEachRuntime } from './support/runtimes';
import { READER, withUsers, WRITER } from './support/users';

const PLANTED = { password: 'Crm+Plant/word=1', signatureKey: 'Sign+Plant/key=2' };
/** Those that only show something. */
const READING = [
  '/sagecrm-callback/status',
  '/sagecrm-callback/dead-letters',
  '/sagecrm-callback/preview',
  '/sagecrm-sidebar/overview',
  '/sagecrm-sidebar/history',
];
const WRITING = [
  ...['test', 'entities', 'fields'].map((name) => `/sagecrm-config/${name}`),
  ...['poll', 'pause', 'resume', 'replay', 'try'].map((name) => `/sagecrm-poll/${name}`),
  ...['replay', 'drop', 'enable', 'test'].map((name) => `/sagecrm-callback/${name}`),
];
/** The buttons of the dialogs that make the runtime do something, by the id of their node. */
const BUTTONS: Readonly<Record<string, RegExp>> = {
  [SERVER]: /^Test connection$/,
  [POLL]: /^Try it$/,
  [CALLBACK]: /^Send test event$/,
};

describeOnEachRuntime('permissions', (runtime, key) => {
  let nodeRed: NodeRedProcess;
  let reading: string;
  let writing: string;

  before(async function () {
    this.timeout(300_000);
    nodeRed = await NodeRedProcess.start({
      ...{ runtime: runtime(), userDir: await newUserDir(), settings: withUsers() },
    });
    reading = await nodeRed.logOn(READER.username, READER.password);
    writing = await nodeRed.logOn(WRITER.username, WRITER.password);
    await nodeRed.deploy(withSecrets());
  });

  after(() => nodeRed.stop());

  for (const path of [...READING, ...WRITING]) {
    it(`refuse ${path} to somebody unknown`, async () => {
      assert.deepEqual(await ask(path), { status: 401, text: 'Unauthorized' });
    });
  }

  for (const path of READING) {
    it(`let a user who may only look use ${path}`, async () => {
      const { status } = await ask(path, reading);
      assert.ok(![401, 403, 404, 500].includes(status), String(status));
    });
  }

  for (const path of WRITING) {
    it(`refuse ${path} to a user who may only look`, async () => {
      const { status } = await ask(path, reading);
      assert.ok([401, 403].includes(status), String(status));
    });

    it(`let a user who may do everything use ${path}`, async () => {
      const { status } = await ask(path, writing, {});
      assert.ok(![401, 403, 404, 500].includes(status), String(status));
    });
  }

  // What the dialogs do about it is the same on both.
  if (key === 'nodeRed5') describe('in the editor', dialogs);

  function dialogs(): void {
    let browser: Browser;

    before(async () => {
      browser = await launchBrowser();
    });

    after(() => browser.close());

    it('let a user who may only look open every dialog, without a secret and without what acts', async () => {
      const editor = await EditorPage.open(browser, nodeRed.url, { logOn: READER });
      const answers: Promise<string>[] = [];
      editor.page.on('response', (response) => {
        if (response.url().startsWith(nodeRed.url)) answers.push(response.text().catch(() => ''));
      });
      for (const [id, button] of Object.entries(BUTTONS)) {
        await open(editor, id);
        if (id === POLL) await editor.tray().locator('.sagecrm-resource-toggle').first().click();
        await untilButton(editor, button, 'disabled');
        const fields = await editor.tray().locator('input').evaluateAll(valuesOf);
        assert.deepEqual(leaks(fields.join('\n'), PLANTED), []);
        await editor.closeDialog('cancel');
      }
      assert.deepEqual(leaks((await Promise.all(answers)).join('\n'), PLANTED), []);
      await editor.close();
    });

    it('leave a user who may do everything with buttons that work', async () => {
      const editor = await EditorPage.open(browser, nodeRed.url, { logOn: WRITER });
      for (const [id, button] of Object.entries(BUTTONS)) {
        await open(editor, id);
        if (id === POLL) await editor.tray().locator('.sagecrm-resource-toggle').first().click();
        await untilButton(editor, button, 'enabled');
        await editor.closeDialog('cancel');
      }
      await editor.close();
    });
  }

  /** Posts to an admin route; without a body of its own, one that names a node that exists. */
  async function ask(
    path: string,
    token?: string,
    body: object = { id: path.split('/')[1]?.replace('sagecrm-', '') },
  ): Promise<{ status: number; text: string }> {
    const response = await fetch(nodeRed.url + path, {
      ...{ method: 'POST', body: JSON.stringify(body) },
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    });
    return { status: response.status, text: await response.text() };
  }
});

function open(editor: EditorPage, id: string): Promise<void> {
  return id === SERVER ? editor.editConfig('sagecrm-config', id) : editor.edit(id);
}

/** Resolves once the first button of this name is so. */
async function untilButton(
  editor: EditorPage,
  name: RegExp,
  state: 'enabled' | 'disabled',
): Promise<void> {
  const button = editor.tray().getByRole('button', { name }).first();
  await button.and(editor.page.locator(`button:${state}`)).waitFor();
}

function valuesOf(inputs: (HTMLElement | SVGElement)[]): string[] {
  return inputs.map((input) => (input as HTMLInputElement).value);
}

function withSecrets(): ReturnType<typeof dialogFlow> {
  const credentials: Record<string, Record<string, string>> = {
    [SERVER]: { username: 'someone', password: PLANTED.password },
    [CALLBACK]: { signatureKey: PLANTED.signatureKey },
  };
  return dialogFlow().map((node) => ({
    ...node,
    ...(credentials[node.id] && { credentials: credentials[node.id] }),
  }));
}
