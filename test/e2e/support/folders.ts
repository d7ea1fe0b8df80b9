import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { once } from './once';

/** One folder for everything this process writes, removed when it exits. */
const root = once(() => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sagecrm-e2e-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
});

/** A new empty folder below the system's own for temporary files, gone when the process exits. */
export function temporaryFolder(name: string): string {
  return mkdtempSync(path.join(root(), `${name}-`));
}
