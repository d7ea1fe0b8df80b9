import assert from 'node:assert/strict';
import { until } from '../support/until';
import { COLOURS, violations } from './support/axe';
import { CALLBACK, faultyFlow, POLL, SERVER } from './support/dialog-flow';
import type { EditorPage } from './support/editor-page';
import { themesOf } from './support/runtimes';
import { describeInEditor } from './support/shared-editor';
import { FORM, unfold } from './support/unfold';

const DIALOGS = [SERVER, POLL, CALLBACK];
/** What takes a user's input or click; the buttons beside a picker are Node-RED's own links. */
const CONTROLS = ['input', 'select', 'textarea', 'button', 'summary']
  .map((control) => `${FORM} ${control}`)
  .join();
const MOST_TABS = 200;
/** Axe judges the contrast of what is on the screen only, so everything has to be. */
const WHOLE_FORM = { width: 1440, height: 4000 };
const WINDOW = { width: 1440, height: 900 };

describeInEditor('nodeRed5', 'the dialogs', (shared) => {
  for (const dark of themesOf('nodeRed5')) {
    it(`are without a fault that axe finds, all unfolded, in the ${dark ? 'dark' : 'light'} theme`, async () => {
      const editor = await shared().show(faultyFlow(), { dark });
      const faults = () => violations(editor.page, FORM, dark ? COLOURS : {});
      await editor.page.setViewportSize(WHOLE_FORM);
      const found: Record<string, string[]> = {};
      for (const id of DIALOGS) {
        await open(editor, id);
        await unfold(editor);
        await editor.tray().locator('[aria-invalid="true"]').first().waitFor();
        found[id] = await faults();
        if (id === SERVER) {
          await enterWrongRedis(editor);
          found['server with its state on Redis'] = await faults();
        }
        await editor.closeDialog('cancel');
      }
      await editor.page.setViewportSize(WINDOW);
      assert.deepEqual(Object.values(found).flat(), [], JSON.stringify(found));
      assert.equal(Object.keys(found).length, DIALOGS.length + 1);
    });
  }

  it('can be used with the keyboard alone', async () => {
    const editor = await shared().show(faultyFlow());
    for (const id of DIALOGS) {
      await open(editor, id);
      await unfold(editor);
      assert.deepEqual(await unreached(editor), [], id);
      await editor.closeDialog('cancel');
    }
  });

  it('fold and unfold by Enter and Space', async () => {
    const editor = await shared().show(faultyFlow());
    await editor.edit(POLL);
    const toggle = editor.tray().locator('.sagecrm-resource-toggle').first();
    const fold = editor.tray().locator('details').first();
    for (const key of ['Enter', 'Space']) {
      const isExpanded = await toggle.getAttribute('aria-expanded');
      await toggle.press(key);
      await until(`${key} folds or unfolds a resource`, async () => {
        return (await toggle.getAttribute('aria-expanded')) !== isExpanded;
      });
      const isOpen = await fold.evaluate((details: HTMLDetailsElement) => details.open);
      await fold.locator('summary').press(key);
      // The browser opens and closes it in a task of its own.
      await until(`${key} folds or unfolds the details`, async () => {
        return (await fold.evaluate((details: HTMLDetailsElement) => details.open)) !== isOpen;
      });
    }
  });
});

function open(editor: EditorPage, id: string): Promise<void> {
  return id === SERVER ? editor.editConfig('sagecrm-config', id) : editor.edit(id);
}

async function enterWrongRedis(editor: EditorPage): Promise<void> {
  const tray = editor.tray();
  await tray.locator('#node-config-input-store').selectOption('redis');
  await tray.locator('#node-config-input-redisUrl').fill('not a URL');
  await tray.locator('#node-config-input-redisUrl[aria-invalid="true"]').waitFor();
}

/** The controls that Tab does not come to, or that look the same when it has. */
async function unreached({ page }: EditorPage): Promise<string[]> {
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
