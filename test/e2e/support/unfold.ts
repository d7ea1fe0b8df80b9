import type { EditorPage } from './editor-page';

/** Our part of the dialog on top; the rest is Node-RED's own. */
export const FORM = '.red-ui-tray:last-child .sagecrm-form';

/** Opens every fold of a dialog, and every row of its lists. */
export async function unfold({ page }: EditorPage): Promise<void> {
  await page.evaluate((form) => {
    for (const fold of document.querySelectorAll<HTMLDetailsElement>(`${form} details`)) {
      fold.open = true;
    }
    const closed = `${form} .sagecrm-resource-toggle[aria-expanded="false"]`;
    for (const toggle of document.querySelectorAll<HTMLElement>(closed)) toggle.click();
  }, FORM);
}
