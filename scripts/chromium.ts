import { existsSync } from 'node:fs';
import path from 'node:path';
import { runOrThrow } from './process';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The path of a Chromium or Chrome: the one `CHROMIUM` names, else the first on the `PATH`. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.CHROMIUM) return existsSync(env.CHROMIUM) ? env.CHROMIUM : undefined;
  const folders = [...(env.PATH ?? '').split(path.delimiter), '/usr/bin'];
  return folders
    .flatMap((folder) => NAMES.map((name) => path.join(folder, name)))
    .find((file) => existsSync(file));
}

/** As `findChromium`; as root on Debian it is installed first. Throws when there is none. */
export async function ensureChromium(): Promise<string> {
  const found = findChromium();
  if (found !== undefined) return found;
  if (process.env.CHROMIUM === undefined && isDebianRoot()) await installFromDebian();
  const installed = findChromium();
  if (installed !== undefined) return installed;
  throw new Error(
    'The editor is tested in a real browser and none was found: ' +
      'install Chromium or Google Chrome, or set CHROMIUM to the path of one.',
  );
}

function isDebianRoot(): boolean {
  return existsSync('/etc/debian_version') && process.getuid?.() === 0;
}

async function installFromDebian(): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  console.log('Installing Chromium for the tests…');
  await runOrThrow('apt-get', ['update'], { env });
  await runOrThrow('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env });
}
