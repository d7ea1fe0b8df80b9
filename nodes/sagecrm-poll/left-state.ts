import type { NodeAPI } from 'node-red';
import type { Clock } from '../../src/effects/clock';
import { leaveState } from '../../src/poll/shared-state';
import { asError } from '../runtime/lifecycle';
import type { SharedRedis } from '../runtime/redis';
import { belongsTo } from '../runtime/state-folder';

/** Looks at who lives, a lease apart: an instance that was killed seems to live that long. */
const LOOKS = 3;

/** What becomes of a node that a deploy has deleted. */
interface Departure {
  /** Ends it: the node is there again. */
  over: AbortController;
  ended: Promise<void>;
}

/**
 * The poll nodes that have their state on Redis, and what becomes of it when a deploy deletes them.
 * Known are those that have run since Node-RED was started.
 */
export class LeftState {
  private readonly places = new Map<string, SharedRedis>();
  private readonly departures = new Map<string, Departure>();

  constructor(
    private readonly RED: NodeAPI,
    private readonly clock: Clock,
  ) {}

  /**
   * A node begins to use its state. It waits for what is under way since its deletion.
   *
   * @returns whether this Node-RED has deleted it before, so that it begins anew
   */
  async usedBy(node: string, redis: SharedRedis): Promise<boolean> {
    this.places.set(node, redis);
    const departure = this.departures.get(node);
    if (departure === undefined) return false;
    departure.over.abort();
    await departure.ended;
    return true;
  }

  /** It uses it; a deletion before that is history. */
  opened(node: string): void {
    this.departures.delete(node);
  }

  /** @param left ids of all nodes that are still there */
  deleted(ids: readonly string[], left: ReadonlySet<string>): void {
    for (const [node, redis] of this.places) {
      if (left.has(node) || !ids.some((id) => belongsTo(node, id))) continue;
      this.places.delete(node);
      const over = new AbortController();
      this.departures.set(node, { over, ended: this.leave(node, redis, over.signal) });
    }
  }

  /** What stays because others have the node is theirs; what cannot be left is told. */
  private async leave(node: string, redis: SharedRedis, signal: AbortSignal): Promise<void> {
    const { prefix, leaseMs } = redis;
    const { connection, done } = redis.use();
    let problem: Error | undefined;
    for (let look = 1; look <= LOOKS && !signal.aborted; look++) {
      try {
        problem = undefined;
        if (await leaveState({ connection, prefix, node }, { leaseMs })) break;
      } catch (error) {
        problem = asError(error);
      }
      if (look < LOOKS) await this.clock.sleep(leaseMs, signal).catch(() => undefined);
    }
    done();
    if (problem !== undefined && !signal.aborted) {
      this.RED.log.warn(`the state of the deleted node ${node} stays on Redis: ${problem.message}`);
    }
  }
}
