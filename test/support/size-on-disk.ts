import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** Most file systems give out whole blocks of so many bytes. */
const BLOCK = 4096;

/** Bytes that a folder takes with all that is in it, a block for each folder; links are not followed. */
export async function sizeOnDisk(folder: string): Promise<number> {
  let bytes = BLOCK;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const size = entry.isFile()
      ? (await stat(path.join(entry.parentPath, entry.name))).size
      : BLOCK;
    bytes += Math.ceil(size / BLOCK) * BLOCK;
  }
  return bytes;
}
