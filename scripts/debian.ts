import { existsSync } from 'node:fs';
import path from 'node:path';
import { runOrThrow } from './process';

/** The first of these programs that is on the `PATH`. */
export function findProgram(
  names: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const folders = [...(env.PATH ?? '').split(path.delimiter), '/usr/bin'];
  return folders
    .flatMap((folder) => names.map((name) => path.join(folder, name)))
    .find((file) => existsSync(file));
}

/** Installs the first of these packages that there is, where that is ours to do: as root, on Debian. */
export async function installFromDebian(...names: [string, ...string[]]): Promise<void> {
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  console.log(`Installing ${names[0]} for the tests…`);
  await runOrThrow('apt-get', ['update'], { env });
  let failure: unknown;
  for (const name of names) {
    try {
      await runOrThrow('apt-get', ['install', '-y', '--no-install-recommends', name], { env });
      return;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
