import assert from 'node:assert/strict';
import { Oracle } from '../../kill/support/oracle';
import { Office } from '../../kill/support/office';
import { ENTITIES } from '../../kill/support/entities';
import { seededRandom } from '../../support/random';
import { SimulatedClock } from '../../simulator/clock';
import { startSimulator, type Simulator } from '../../simulator/simulator';
import { RedisServer } from '../../support/redis-server';
import { until } from '../../support/until';
import type { WorkerOptions, WorkerTold } from './messages';
import { Worker } from './worker';

export const LEASE_MS = 900;
export const INTERVAL_MS = 250;
const PAGE_SIZE = 20;

/** What passes by itself, when Redis was made to fail. */
const PASSING = new Set(['REDIS_UNAVAILABLE', 'ABORTED']);

interface Poll {
  worker: string;
  resource: string;
}

/** A Sage CRM, a Redis, and processes that poll the one with their state in the other. */
export class Crew {
  readonly oracle: Oracle;
  readonly office: Office;
  readonly polls: Poll[] = [];
  readonly workers = new Set<Worker>();
  /** Messages that the flows of all workers were given. */
  private messages = 0;
  /** Workers that could not poll, each as often as it told so. */
  private readonly failures: string[] = [];
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

  /** Whoever polled a resource last, once that is not one that was killed. */
  async ownerOf(resource: string): Promise<Worker> {
    let owner: Worker | undefined;
    await this.until(`somebody polls ${resource}`, () => {
      const last = this.polls.findLast((poll) => poll.resource === resource);
      owner = [...this.workers].find(({ name }) => name === last?.worker);
      return owner !== undefined;
    });
    assert.ok(owner);
    return owner;
  }

  /** Waits until a worker, one of those that are wanted, has polled the resource once more. */
  async untilPolled(resource: string, isWanted: (worker: string) => boolean): Promise<void> {
    const from = this.polls.length;
    const isThere = (poll: Poll): boolean => poll.resource === resource && isWanted(poll.worker);
    await this.until(`${resource} is polled`, () => this.polls.slice(from).some(isThere));
  }

  /** Waits until the flows were given so many messages more. */
  async untilEmitted(count: number): Promise<void> {
    const wanted = this.messages + count;
    await this.until(`${count} messages have come`, () => this.messages >= wanted);
  }

  /** Waits until somebody notices that Redis does not answer. */
  async untilFailing(): Promise<void> {
    const from = this.failures.length;
    await this.until('somebody fails', () => this.failures.length > from);
  }

  /** Waits until each resource was polled so many times in a row by one worker, another one for each. */
  async untilShared(resources: readonly string[], times: number): Promise<void> {
    await this.until('each has a share', () => {
      const owners = resources.map((resource) => {
        const latest = this.polls.filter((poll) => poll.resource === resource).slice(-times);
        const names = new Set(latest.map(({ worker }) => worker));
        return latest.length === times && names.size === 1 ? [...names][0] : undefined;
      });
      return !owners.includes(undefined) && new Set(owners).size === resources.length;
    });
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
    await until(what, isSo).catch((error: unknown) => {
      throw new Error(`problems: ${this.problems.join('; ')}`, { cause: error });
    });
  }

  private hear(told: WorkerTold, { name }: Worker): void {
    if (told.kind === 'journaled') {
      this.oracle.journaled(told.sightings);
    } else if (told.kind === 'emitted') {
      const { objectType, objectId, label } = told.sighting;
      this.accepted.add(`${objectType} ${objectId} ${label}`);
      this.oracle.received([told.sighting], true);
      this.messages += 1;
    } else if (told.kind === 'polled') {
      if (told.failed) this.failures.push(name);
      else this.polls.push({ worker: name, resource: told.resource });
    } else if (!PASSING.has(told.code)) {
      this.problems.push(`${told.code}: ${told.message}`);
    }
  }
}
