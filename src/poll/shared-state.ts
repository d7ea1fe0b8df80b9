import { z } from 'zod';
import type { Commands } from '../redis/connection';
import { allKeys, pollKeys, pollNodeKeys } from '../redis/poll-keys';
import { CLAIM, LEAVE, LIVING } from '../redis/presence-scripts';

/** How long an instance may be silent, in leases, before it counts as gone. */
const LEASES_OF_SILENCE = 1.5;

/** Long enough for a Node-RED to start again, even with its machine. */
const GRACE_MS = 3_600_000;

/** The state of one poll node on Redis, which all its instances share. */
export interface SharedState {
  connection: Commands;
  prefix: string;
  /** The id of the poll node. */
  node: string;
}

/** @returns milliseconds without a sign of life after which an instance counts as gone */
export function longestSilence(leaseMs: number): number {
  return Math.round(leaseMs * LEASES_OF_SILENCE);
}

/**
 * Keeps all state of the node from running out. An instance that is new among those that live calls
 * it, so that state which another one has left meanwhile stays.
 *
 * @param anew drops what was left and claimed by nobody since
 * @throws SageCrmError `REDIS_UNAVAILABLE`
 */
export async function claimState(state: SharedState, anew: boolean): Promise<void> {
  const { connection, prefix, node } = state;
  for (const resource of await resourcesOf(state)) {
    await connection.run(CLAIM, allKeys(pollKeys(prefix, node, resource)), [anew ? '1' : '']);
  }
}

/**
 * Lets the state of a deleted node run out, unless an instance lives that has the node still. Claims
 * are counted before the look at who lives: one that comes after it is one more.
 *
 * @returns false when an instance has the node
 * @throws SageCrmError `REDIS_UNAVAILABLE`; part of the state may be left then
 */
export async function leaveState(
  state: SharedState,
  { leaseMs, graceMs = GRACE_MS }: { leaseMs: number; graceMs?: number },
): Promise<boolean> {
  const { connection, prefix, node } = state;
  const { instances, resources } = pollNodeKeys(prefix, node);
  const claims = new Map<string, string>();
  for (const resource of await resourcesOf(state)) {
    const { lease } = pollKeys(prefix, node, resource);
    const count = await connection.command('hget', [lease, 'claims']);
    claims.set(resource, z.string().nullable().parse(count) ?? '');
  }
  const living = await connection.run(LIVING, [instances], [longestSilence(leaseMs)]);
  if (z.number().parse(living) > 0) return false;
  for (const [resource, count] of claims) {
    await connection.run(LEAVE, allKeys(pollKeys(prefix, node, resource)), [count, graceMs]);
  }
  // Whoever lives says at each sign of life that it stays.
  await connection.command('pexpire', [resources, graceMs]);
  return true;
}

async function resourcesOf({ connection, prefix, node }: SharedState): Promise<string[]> {
  const { resources } = pollNodeKeys(prefix, node);
  return z.array(z.string()).parse(await connection.command('smembers', [resources]));
}
