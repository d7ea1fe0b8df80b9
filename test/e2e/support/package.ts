import { cp, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { installInto, packInto } from '../../../scripts/package';
import { temporaryFolder } from './folders';
import { once } from './once';

const MODULES = 'node_modules';
const MANIFEST = 'package.json';

/** The tarball under test: the one `TEST_TARBALL` names, else packed once for this process. */
export const packedTarball = once(
  async () => process.env.TEST_TARBALL ?? (await packInto(temporaryFolder('pack'))),
);

/** A user directory in which it is installed: the one `TEST_INSTALLED` names, else made once. */
const installedTemplate = once(async () => {
  if (process.env.TEST_INSTALLED) return process.env.TEST_INSTALLED;
  const folder = temporaryFolder('installed');
  await installInto(folder, await packedTarball());
  return folder;
});

/** A new Node-RED user directory in which the tarball is installed, for a test that leaves it so. */
export async function newUserDir(): Promise<string> {
  const [template, userDir] = [await installedTemplate(), await emptyUserDir()];
  await cp(path.join(template, MANIFEST), path.join(userDir, MANIFEST));
  await symlink(path.join(template, MODULES), path.join(userDir, MODULES), 'dir');
  return userDir;
}

/** The same with an installation of its own, for a test that changes it or is about it. */
export async function newUserDirOfItsOwn(): Promise<string> {
  const [template, userDir] = [await installedTemplate(), await emptyUserDir()];
  await cp(template, userDir, { recursive: true, verbatimSymlinks: true });
  return userDir;
}

async function emptyUserDir(): Promise<string> {
  const userDir = path.join(temporaryFolder('user'), 'node-red');
  await mkdir(userDir);
  return userDir;
}
