import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runOrThrow } from './process';

/** Builds and packs the package as for publishing; resolves to the tarball, written to `folder`. */
export async function packInto(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const output = await runOrThrow('npm', ['pack', '--json', '--pack-destination', folder]);
  return path.join(folder, tarballName(output));
}

/** Installs a tarball into a Node-RED user directory, as the palette manager does. */
export async function installInto(userDir: string, tarball: string): Promise<void> {
  await mkdir(userDir, { recursive: true });
  const manifest = { name: 'node-red-project', version: '0.0.1', private: true };
  await writeFile(path.join(userDir, 'package.json'), JSON.stringify(manifest));
  const options = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await runOrThrow('npm', ['install', ...options, tarball], { cwd: userDir });
}

/** `npm pack --json` prints a list, or an object by package name, after what the build prints. */
function tarballName(output: string): string {
  const name = /"filename":\s*"([^"]+)"/.exec(output)?.[1];
  if (name === undefined) throw new Error(`npm pack named no file:\n${output}`);
  return name;
}
