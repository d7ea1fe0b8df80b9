import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { violations } from './support/axe';
import { CALLBACK, faultyFlow, POLL, SERVER } from './support/dialog-flow';
import { EditorPage, launchBrowser } from './support/editor-page';
import { NodeRedProcess } from './support/node-red-process';
import { newUserDir } from './support/package';
import { describeOnEachRuntime, themesOf } from './support/runtimes';
import { FORM, unfold } from './support/unfold';

const DIALOGS = [SERVER, POLL, CALLBACK];
/** What takes a user's input or click; the buttons beside a picker are Node-RED's own links. */
const CONTROLS = ['input', 'select', 'textarea', 'button', 'summary']
  .map((control) => `${FORM} ${control}`)
  .join();
const MOST_TABS = 200;
/** Axe judges the contrast of what is on the screen only, so everything has to be. */
const WHOLE_FORM = { width: 1440, height: 4000 };

describeOnEachRuntime('the dialogs', (runtime, key) => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;

  before(async function () {
    this.timeout(300_000);
    nodeRed = await NodeRedProcess.start({ runtime: runtime(), userDir: await newUserDir() });
    await nodeRed.deploy(faultyFlow());
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
    await nodeRed.stop();
  });

  for (const dark of themesOf(key)) {
    it(`are without a fault that axe finds, all unfolded, in the ${dark ? 'dark' : 'light'} theme`, async function () {
      this.timeout(240_000);
      const editor = await EditorPage.open(browser, nodeRed.url, { dark });
      await editor.page.setViewportSize(WHOLE_FORM);
      const found: Record<string, string[]> = {};
      for (const id of DIALOGS) {
        await open(editor, id);
        await unfold(editor);
        assert.ok((await editor.tray().locator('[aria-invalid="true"]').count()) > 0, id);
        found[id] = await violations(editor.page, FORM);
        await editor.closeDialog('cancel');
      }
      assert.deepEqual(found, Object.fromEntries(DIALOGS.map((id) => [id, []])));
      await editor.close();
    });
  }

  for (const dark of themesOf(key)) {
    it(`of a server with its state on Redis is without a fault, too, in the ${dark ? 'dark' : 'light'} theme`, async function () {
      this.timeout(120_000);
      const editor = await EditorPage.open(browser, nodeRed.url, { dark });
      await editor.page.setViewportSize(WHOLE_FORM);
      await open(editor, SERVER);
      await unfold(editor);
      const tray = editor.tray();
      await tray.locator('#node-config-input-store').selectOption('redis');
      await tray.locator('#node-config-input-redisUrl').fill('not a URL');
      await tray.locator('#node-config-input-redisUrl[aria-invalid="true"]').waitFor();
      assert.deepEqual(await violations(editor.page, FORM), []);
      await editor.close();
    });
  }

  it('can be used with the keyboard alone', async function () {
    this.timeout(240_000);
    const editor = await EditorPage.open(browser, nodeRed.url);
    for (const id of DIALOGS) {
      await open(editor, id);
      await unfold(editor);
      assert.deepEqual(await unreached(editor), [], id);
      await editor.closeDialog('cancel');
    }
    await editor.close();
  });

  it('fold and unfold by Enter and Space', async function () {
    this.timeout(120_000);
    const editor = await EditorPage.open(browser, nodeRed.url);
    await editor.edit(POLL);
    const toggle = editor.tray().locator('.sagecrm-resource-toggle').first();
    for (const key of ['Enter', 'Space']) {
      const before = await toggle.getAttribute('aria-expanded');
      await toggle.press(key);
      assert.notEqual(await toggle.getAttribute('aria-expanded'), before, key);
      const fold = editor.tray().locator('details').first();
      const open = await fold.getAttribute('open');
      await fold.locator('summary').press(key);
      assert.notEqual(await fold.getAttribute('open'), open, key);
    }
    await editor.close();
  });
});

function open(editor: EditorPage, id: string): Promise<void> {
  return id === SERVER ? editor.editConfig('sagecrm-config', id) : editor.edit(id);
}

/** The controls that Tab does not come to, or that look the same when it has. */
async function unreached({ page }: EditorPage): Promise<string[]> {
  await page.addStyleTag({ content: '* { transition: none !important; }' });
  const looks = await page.evaluate((controls) => {
    const shown = [...document.querySelectorAll<HTMLInputElement>(controls)].filter(
      (control) => control.checkVisibility() && !control.disabled,
    );
    return shown.map((control, index) => {
      control.dataset.control = String(index);
      const { outline, boxShadow, borderColor } = getComputedStyle(control);
      return { look: outline + boxShadow + borderColor, html: control.outerHTML.slice(0, 120) };
    });
  }, CONTROLS);
  await page.locator('[data-control="0"]').focus();
  const reached = new Set<number>();
  for (let tabs = 0; tabs < MOST_TABS && reached.size < looks.length; tabs++) {
    const { index, look } = await page.evaluate(() => {
      const focused = document.activeElement as HTMLElement;
      const { outline, boxShadow, borderColor } = getComputedStyle(focused);
      return { index: Number(focused.dataset.control), look: outline + boxShadow + borderColor };
    });
    if (looks[index] !== undefined && looks[index].look !== look) reached.add(index);
    await page.keyboard.press('Tab');
  }
  return looks.filter((_, index) => !reached.has(index)).map(({ html }) => html);
}
