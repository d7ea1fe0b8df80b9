import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Oracle } from '../../kill/support/oracle';
import { Office } from '../../kill/support/office';
import { ENTITIES } from '../../kill/support/entities';
import { seededRandom } from '../../kill/support/random';
import { SimulatedClock } from '../../simulator/clock';
import { startSimulator, type Simulator } from '../../simulator/simulator';
import { RedisServer } from '../../support/redis-server';
import type { WorkerOptions, WorkerTold } from './messages';
import { Worker } from './worker';

export const LEASE_MS = 900;
export const INTERVAL_MS = 250;
const PAGE_SIZE = 20;
/** Many times what an idle machine needs. */
const PATIENCE_MS = 20_000;

/** What passes by itself, when Redis was made to fail. */
const PASSING = new Set(['REDIS_UNAVAILABLE', 'ABORTED']);

interface Poll {
  worker: string;
  resource: string;
  /** On the monotonic clock. */
  at: number;
}

/** A Sage CRM, a Redis, and processes that poll the one with their state in the other. */
export class Crew {
  readonly oracle: Oracle;
  readonly office: Office;
  readonly polls: Poll[] = [];
  readonly workers = new Set<Worker>();
  private readonly problems: string[] = [];
  private readonly accepted = new Set<string>();
  private names = 0;

  private constructor(
    private readonly program: string,
    private readonly commit: WorkerOptions['commit'],
    readonly simulator: Simulator,
    readonly redis: RedisServer,
    seed: number,
  ) {
    this.oracle = new Oracle(simulator.crm);
    this.office = new Office(simulator, seededRandom(seed));
  }

  static async start(
    program: string,
    commit: WorkerOptions['commit'],
    seed: number,
  ): Promise<Crew> {
    const simulator = await startSimulator({ clock: SimulatedClock.at('2026-01-31T10:00:00Z') });
    return new Crew(program, commit, simulator, await RedisServer.start(), seed);
  }

  join(): Worker {
    const options = {
      server: `http://${this.simulator.host}`,
      redis: this.redis.url,
      owner: `worker-${(this.names += 1)}`,
      commit: this.commit,
      intervalMs: INTERVAL_MS,
      leaseMs: LEASE_MS,
      pageSize: PAGE_SIZE,
    };
    const worker = new Worker(this.program, options, (told, who) => {
      this.hear(told, who);
    });
    this.workers.add(worker);
    return worker;
  }

  async kill(worker: Worker): Promise<void> {
    this.workers.delete(worker);
    await worker.kill();
  }

  /** Whoever polled a resource last. */
  ownerOf(resource: string): Worker {
    const last = this.polls.findLast((poll) => poll.resource === resource);
    const owner = [...this.workers].find(({ name }) => name === last?.worker);
    assert.ok(owner !== undefined, `nobody polls ${resource}`);
    return owner;
  }

  /** Waits until a worker, one of those that are wanted, has polled the resource once more. */
  async untilPolled(resource: string, isWanted: (worker: string) => boolean): Promise<number> {
    const from = this.polls.length;
    const begin = performance.now();
    const isThere = (poll: Poll): boolean => poll.resource === resource && isWanted(poll.worker);
    await this.until(`${resource} is polled`, () => this.polls.slice(from).some(isThere));
    return (this.polls.slice(from).find(isThere)?.at ?? 0) - begin;
  }

  /** All that the server shows has come. */
  async untilAllCame(): Promise<void> {
    await this.until('all has come', () => {
      const rows = ENTITIES.flatMap(({ entity, resource, column }) =>
        this.simulator.crm
          .rows(entity)
          .map(({ id, fields }) => `${resource} ${id} ${String(fields[column])}`),
      );
      return rows.every((row) => this.accepted.has(row));
    });
  }

  /** Holds what came against the log of the server. */
  check(): void {
    assert.deepEqual(this.problems, []);
    this.oracle.check();
  }

  async close(): Promise<void> {
    for (const worker of this.workers) await worker.kill();
    await this.simulator.close();
    await this.redis.stop();
  }

  private async until(what: string, isSo: () => boolean): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!isSo()) {
      if (performance.now() > end) {
        throw new Error(`it took too long until ${what}; problems: ${this.problems.join('; ')}`);
      }
      await pause(10);
    }
  }

  private hear(told: WorkerTold, { name }: Worker): void {
    if (told.kind === 'journaled') {
      this.oracle.journaled(told.sightings);
    } else if (told.kind === 'emitted') {
      const { objectType, objectId, label } = told.sighting;
      this.accepted.add(`${objectType} ${objectId} ${label}`);
      this.oracle.received([told.sighting], true);
    } else if (told.kind === 'polled') {
      const { resource } = told;
      if (!told.failed) this.polls.push({ worker: name, resource, at: performance.now() });
    } else if (!PASSING.has(told.code)) {
      this.problems.push(`${told.code}: ${told.message}`);
    }
  }
}
