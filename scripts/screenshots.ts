import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { EditorPage, launchBrowser } from '../test/e2e/support/editor-page';
import { exampleFlow, nodeOfType } from '../test/e2e/support/example-flow';
import { forwardingFlow } from '../test/e2e/support/forwarding';
import { NodeRedProcess, type FlowNode } from '../test/e2e/support/node-red-process';
import { newUserDir } from '../test/e2e/support/package';
import { startSimulator, type Simulator } from '../test/simulator/simulator';
import { startReceiver } from '../test/simulator/webhook-receiver';
import { ROOT } from './process';
import { nodeRed4 } from './runtimes';

/** The editor's own API, as the page sees it. */
declare const RED: { actions: { invoke(name: string): void } };

const IMAGES = path.join(ROOT, 'docs', 'images');
const USER = { username: 'crm-user', password: 'crm-pass' };
const WIDTH = 1200;
const AN_HOUR_MS = 3_600_000;
/** Places and keys of Node-RED's editor. */
const EDITOR = {
  paletteFilter: '#red-ui-palette-search input',
  commonCategory: '#red-ui-palette-container-common',
  statusText: '.red-ui-flow-node-status-label',
  editServer: '#node-input-btn-server-edit',
  debugTab: '#red-ui-tab-debug-link-button',
  debugMessage: '.red-ui-debug-content .red-ui-debug-msg',
  expand: '.red-ui-debug-msg-object-handle',
  tooltip: '.red-ui-popover',
  toggleSidebarKeys: 'Control+Space',
};

/** Takes the pictures of the documentation in a real editor: `npx tsx scripts/screenshots.ts`. */
async function main(): Promise<void> {
  const userDir = await newUserDir();
  const simulator = await startSimulator(USER);
  const receiver = await startReceiver();
  const nodeRed = await NodeRedProcess.start({ runtime: nodeRed4(), userDir });
  const browser = await launchBrowser();
  try {
    seed(simulator);
    const onRequest = requestedFlow(simulator);
    await nodeRed.deploy(onRequest);
    await withEditor(browser, nodeRed, async (editor) => {
      await takeDebugMessages(editor, () => nodeRed.inject(buttonOf(onRequest)));
    });
    const flow = forwardingFlow({
      ...USER,
      crm: simulator.url,
      callback: receiver.url,
      signatureKey: 'a key of the receiver',
      interval: 15,
    });
    await nodeRed.deploy(flow);
    await receiver.waitFor(6);
    await withEditor(browser, nodeRed, async (editor) => {
      await takeFlow(editor);
      await takeDialogs(editor, nodeOfType(flow, 'sagecrm-poll').id);
    });
    await withEditor(browser, nodeRed, async (editor) => {
      await takeCallbackDialog(editor, nodeOfType(flow, 'sagecrm-callback').id);
    });
    await withEditor(browser, nodeRed, takeSidebar);
    await withEditor(browser, nodeRed, async (editor) => {
      await takeImport(editor, nodeOfType(flow, 'sagecrm-poll').id);
    });
  } finally {
    await browser.close();
    await nodeRed.stop();
    await receiver.close();
    await simulator.close();
  }
}

async function withEditor(
  browser: Browser,
  { url }: NodeRedProcess,
  take: (editor: EditorPage) => Promise<void>,
): Promise<void> {
  const editor = await EditorPage.open(browser, url);
  await take(editor);
  await editor.close();
}

/** One record of each kind, and a company that was updated later. */
function seed({ crm }: Simulator): void {
  const stamp = Date.now() - AN_HOUR_MS;
  crm.seed({ companies: 2, people: 1, leads: 1, opportunities: 1, users: 1 }, { stamp });
  crm.update('company', 2, { Comp_Employees: 60 }, { stamp: stamp + AN_HOUR_MS / 2 });
}

/** The example that polls on a button, and shows events and reports. */
function requestedFlow(simulator: Simulator): FlowNode[] {
  return exampleFlow('5 Poll on an inject', {
    'sagecrm-config': { subdomain: simulator.url, credentials: USER },
    'sagecrm-poll': { start: 'all' },
  });
}

function buttonOf(flow: readonly FlowNode[]): string {
  return flow.find(({ type, topic }) => type === 'inject' && topic === 'poll')?.id ?? '';
}

async function takeFlow({ page }: EditorPage): Promise<void> {
  await resize(page, 420);
  await page.keyboard.press(EDITOR.toggleSidebarKeys);
  await page.locator(EDITOR.paletteFilter).pressSequentially('sage');
  await page.locator(EDITOR.commonCategory).waitFor({ state: 'hidden' });
  await page.locator(EDITOR.statusText, { hasText: 'delivered' }).waitFor();
  await save(page, 'flow');
}

async function takeDialogs(editor: EditorPage, pollNode: string): Promise<void> {
  const { page } = editor;
  await resize(page, 1300);
  await editor.edit(pollNode);
  await editor.untilValue('#node-input-interval', '15');
  await editor.tray().locator('.sagecrm-resource-toggle').first().click();
  await editor.tray().locator('#node-input-name').scrollIntoViewIfNeeded();
  await save(page, 'poll-dialog');

  await editor.tray().locator(EDITOR.editServer).click();
  await editor.untilValue('#node-config-input-username', USER.username);
  await editor.tray().locator('#node-config-input-test button').first().click();
  await editor.tray().locator('#node-config-input-test li').nth(8).waitFor();
  await save(page, 'config-dialog');
}

async function takeCallbackDialog(editor: EditorPage, callbackNode: string): Promise<void> {
  const { page } = editor;
  await resize(page, 1500);
  await editor.edit(callbackNode);
  await editor.untilValue('#node-input-concurrency', '8');
  await editor.tray().locator('#node-input-url').fill('https://receiver.example.com/hooks/sagecrm');
  await editor.tray().locator('#sagecrm-callback-preview > summary').click();
  await editor.tray().locator('#sagecrm-callback-preview pre').first().waitFor();
  await editor.tray().locator('#node-input-name').scrollIntoViewIfNeeded();
  await save(page, 'callback-dialog');
}

async function takeSidebar({ page }: EditorPage): Promise<void> {
  await resize(page, 900);
  await page.evaluate(() => {
    RED.actions.invoke('sagecrm:show-sidebar-tab');
  });
  await page.locator('.sagecrm-sb-events > li').nth(5).waitFor();
  await save(page, 'sidebar');
}

async function takeImport(editor: EditorPage, pollNode: string): Promise<void> {
  const { page } = editor;
  await resize(page, 1000);
  await page.keyboard.press(EDITOR.toggleSidebarKeys);
  await editor.edit(pollNode);
  await page.locator('#node-input-import-open').click();
  const example = readFileSync(
    path.join(ROOT, 'test', 'fixtures', 'instance-example.json'),
    'utf8',
  );
  await page.locator('#node-input-import-text').fill(example);
  await page.locator('#node-input-import-panel fieldset').first().waitFor();
  await save(page, 'import');
}

/** The debug sidebar shows only what comes while it is open. */
async function takeDebugMessages({ page }: EditorPage, poll: () => Promise<void>): Promise<void> {
  await resize(page, 700);
  await page.locator(EDITOR.debugTab).click();
  await poll();
  const messages = page.locator(EDITOR.debugMessage);
  await messages.nth(6).waitFor();
  const parts = messages.first().locator(EDITOR.expand);
  await parts.first().click();
  await parts.nth(2).click();
  await page.mouse.move(500, 600);
  await page.locator(EDITOR.tooltip).waitFor({ state: 'hidden' });
  await save(page, 'debug-messages');
}

async function resize(page: Page, height: number): Promise<void> {
  await page.setViewportSize({ width: WIDTH, height });
}

async function save(page: Page, name: string): Promise<void> {
  const file = path.join(IMAGES, `${name}.png`);
  await page.screenshot({ path: file, animations: 'disabled' });
  console.log(path.relative(ROOT, file));
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
