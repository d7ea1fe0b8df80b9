import { readFileSync } from 'node:fs';
import type { ElementContext, Result, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { once } from './once';

declare const axe: {
  run(context: ElementContext, options: RunOptions): Promise<{ violations: Result[] }>;
};

const source = once(() =>
  Promise.resolve(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')),
);

/** What another theme changes. */
export const COLOURS: RunOptions = { runOnly: ['color-contrast', 'link-in-text-block'] };

/**
 * What axe finds wrong with the part of the page that a selector names: a line for each element, with
 * the rule, the element and how to put it right.
 *
 * @param rules all of them unless said otherwise
 */
export async function violations(
  page: Page,
  selector: string,
  rules: RunOptions = {},
): Promise<string[]> {
  await page.evaluate(await source());
  const found = await page.evaluate(
    async ([within, options]) => {
      // Node-RED's body clips and has no height, so axe would take all that is in it as hidden.
      document.body.style.height = '100vh';
      return (await axe.run(within, options)).violations;
    },
    [selector, rules] as const,
  );
  return found.flatMap(linesOf);
}

function linesOf({ id, help, nodes }: Result): string[] {
  return nodes.map(
    ({ target, failureSummary = '' }) =>
      `${id} (${help}): ${target.join(' ')}\n  ${failureSummary.replaceAll('\n', '\n  ')}`,
  );
}
