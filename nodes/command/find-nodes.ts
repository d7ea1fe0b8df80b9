import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { outboxPattern, readOutboxKey } from '../../src/delivery/shared/keys';
import { pollPattern, readPollKey } from '../../src/redis/poll-keys';
import { LevelPollStore } from '../../src/store/level-poll-store';
import { readKind } from '../../src/store/open-level';
import type { SharedRedis } from '../runtime/redis';
import { scanKeys } from '../runtime/redis-client';
import { folderOf, isEmbeddedIn } from '../runtime/state-folder';

/** A node that has state in a store, or had it. */
export type FoundNode =
  { kind: 'poll'; id: string; resources: readonly string[] } | { kind: 'callback'; id: string };

/**
 * The nodes with a database below `root`.
 *
 * @param wanted ids; empty: all
 * @throws SageCrmError `STATE_LOCKED` while Node-RED runs, `STATE_CORRUPT` or `STATE_IO`
 */
export async function findEmbedded(root: string, wanted: readonly string[]): Promise<FoundNode[]> {
  const ids = wanted.length > 0 ? wanted : await idsIn(root);
  const found: FoundNode[] = [];
  for (const id of ids) {
    const folder = folderOf(root, id);
    const kind = await readKind(folder);
    if (kind === 'outbox') found.push({ kind: 'callback', id });
    if (kind === 'poll') found.push({ kind, id, resources: await resourcesIn(folder) });
  }
  return found;
}

/** Damaged databases that were put aside are no nodes; no id needs a dot in its folder's name. */
async function idsIn(root: string): Promise<string[]> {
  if (!existsSync(root)) return [];
  const folders = (await readdir(root)).filter((name) => !name.includes('.damaged-'));
  return folders.filter((name) => isEmbeddedIn(path.join(root, name))).map(decodeURIComponent);
}

async function resourcesIn(folder: string): Promise<string[]> {
  const store = await LevelPollStore.open(folder);
  try {
    return await store.resources();
  } finally {
    await store.close();
  }
}

/**
 * The nodes with keys on Redis.
 *
 * @param wanted ids; empty: all
 * @throws SageCrmError `REDIS_UNAVAILABLE`
 */
export async function findOnRedis(
  redis: SharedRedis,
  wanted: readonly string[],
): Promise<FoundNode[]> {
  const { prefix } = redis;
  // Commands may wait for the first connection, but not for ever.
  const client = redis.createClient({ enableOfflineQueue: true, maxRetriesPerRequest: 1 });
  client.on('error', () => undefined);
  try {
    const polls = await scanKeys(client, pollPattern(prefix));
    const outboxes = await scanKeys(client, outboxPattern(prefix));
    const found: FoundNode[] = [
      ...pollNodes(prefix, polls),
      ...outboxes.flatMap((key) => {
        const id = readOutboxKey(prefix, key);
        return id === undefined ? [] : [{ kind: 'callback' as const, id }];
      }),
    ];
    return wanted.length === 0 ? found : found.filter(({ id }) => wanted.includes(id));
  } finally {
    client.disconnect();
  }
}

function pollNodes(prefix: string, keys: readonly string[]): FoundNode[] {
  const resources = new Map<string, string[]>();
  for (const key of keys) {
    const names = readPollKey(prefix, key);
    if (names === undefined) continue;
    const { node, resource } = names;
    resources.set(node, [...(resources.get(node) ?? []), resource]);
  }
  return [...resources].map(([id, names]) => ({ kind: 'poll', id, resources: names }));
}
