import { existsSync, readdirSync, rmSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DateTime } from 'luxon';
import type { Node, NodeAPI } from 'node-red';

/** Where a node keeps its state, below Node-RED's user directory. */
export function stateFolder(RED: NodeAPI, node: Node): string {
  return folderOf(stateRoot(RED), node.id);
}

/** @param root of all nodes */
export function folderOf(root: string, id: string): string {
  return path.join(root, encodeURIComponent(id));
}

/** Where the nodes of a user directory keep their state. */
export function rootIn(userDir: string): string {
  return path.join(userDir, 'sagecrm');
}

/** Where the sidebar keeps what it shows of the past. */
export function sidebarFolder(RED: NodeAPI): string {
  return path.join(stateRoot(RED), 'sidebar');
}

/** Damaged state is kept beside the new one, for whoever wants to look into it. */
export async function putAside(folder: string, now: number): Promise<void> {
  const stamp = DateTime.fromMillis(now, { zone: 'utc' }).toFormat("yyyyMMdd'T'HHmmss");
  await rename(folder, `${folder}.damaged-${stamp}`);
}

/** Whether an embedded store was ever made there. */
export function isEmbeddedIn(folder: string): boolean {
  return existsSync(path.join(folder, 'CURRENT'));
}

export function userDirOf(RED: NodeAPI): string | undefined {
  return (RED.settings as { userDir?: string }).userDir;
}

/** Node-RED always has a user directory; without one, state lasts as long as the process. */
function stateRoot(RED: NodeAPI): string {
  return rootIn(userDirOf(RED) ?? path.join(os.tmpdir(), `node-red-sagecrm-${process.pid}`));
}

/**
 * Removes the state of nodes that a deploy has deleted.
 *
 * A node's close handler is no place for it: Node-RED says "removed" also to a node that is only
 * disabled, never says it inside a subflow, and says nothing to a disabled node that is deleted.
 */
export function removeState(
  RED: NodeAPI,
  deletedIds: readonly string[],
  leftIds: ReadonlySet<string>,
): void {
  const root = stateRoot(RED);
  if (!existsSync(root)) return;
  const living = new Set([...leftIds].map(encodeURIComponent));
  for (const folder of readdirSync(root)) {
    if (living.has(nodeOf(folder))) continue;
    if (deletedIds.some((id) => belongsTo(nodeOf(folder), encodeURIComponent(id)))) {
      rmSync(path.join(root, folder), { recursive: true, force: true });
    }
  }
}

/**
 * Whether a node goes when the one with `id` is deleted. A node inside a subflow is named by its
 * instance and its place in the template, as `{instance}-{template node}`; it goes with either.
 */
export function belongsTo(node: string, id: string): boolean {
  return node === id || node.startsWith(`${id}-`) || node.endsWith(`-${id}`);
}

/** Damaged state that was put aside goes with the node, too. */
function nodeOf(folder: string): string {
  const [name = ''] = folder.split('.damaged-');
  return name;
}
