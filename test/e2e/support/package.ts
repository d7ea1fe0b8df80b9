import { cp } from 'node:fs/promises';
import path from 'node:path';
import { installInto, packInto } from '../../../scripts/package';
import { temporaryFolder } from './folders';
import { once } from './once';

/** The tarball under test: the one `TEST_TARBALL` names, else packed once for this process. */
export const packedTarball = once(
  async () => process.env.TEST_TARBALL ?? (await packInto(temporaryFolder('pack'))),
);

const installedTemplate = once(async () => {
  const folder = temporaryFolder('installed');
  await installInto(folder, await packedTarball());
  return folder;
});

/** A new Node-RED user directory in which the tarball is installed. */
export async function newUserDir(): Promise<string> {
  const userDir = path.join(temporaryFolder('user'), 'node-red');
  await cp(await installedTemplate(), userDir, { recursive: true, verbatimSymlinks: true });
  return userDir;
}
