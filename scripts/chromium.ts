import { existsSync } from 'node:fs';
import { findProgram, installFromDebian } from './debian';

/** The one without windows comes first: it opens a page in two thirds of the time. */
const SHELL = 'chromium-headless-shell';
const NAMES = [SHELL, 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The path of a Chromium or Chrome: the one `CHROMIUM` names, else the first on the `PATH`. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.CHROMIUM) return existsSync(env.CHROMIUM) ? env.CHROMIUM : undefined;
  return findProgram(NAMES, env);
}

/** As `findChromium`; as root on Debian it is installed first. Throws when there is none. */
export async function ensureChromium(): Promise<string> {
  const found = findChromium();
  if (found !== undefined) return found;
  if (process.env.CHROMIUM === undefined) await installFromDebian(SHELL, 'chromium');
  const installed = findChromium();
  if (installed !== undefined) return installed;
  throw new Error(
    'The editor is tested in a real browser and none was found: ' +
      'install Chromium or Google Chrome, or set CHROMIUM to the path of one.',
  );
}
