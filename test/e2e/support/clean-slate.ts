import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { NodeRedProcess } from './node-red-process';

/** Takes all flows away, and what their nodes knew, so that the next test need start no Node-RED. */
export async function cleanSlate(nodeRed: NodeRedProcess, userDir: string): Promise<void> {
  await nodeRed.deploy([]);
  for (const name of stateFolders(userDir)) {
    rmSync(path.join(userDir, 'sagecrm', name), { recursive: true, force: true });
  }
}

/** The folders in which nodes keep their state, without those of the server and the sidebar. */
export function stateFolders(userDir: string): string[] {
  const folder = path.join(userDir, 'sagecrm');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name !== 'server' && name !== 'sidebar')
    .sort();
}
