import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { defaultResources } from '../../../../src/config/defaults';
import { parseOrThrow } from '../../../../src/config/problems';
import { resourcesSchema, type Resource } from '../../../../src/config/resources';
import { systemClock } from '../../../../src/effects/clock';
import { CommitOnEmission } from '../../../../src/poll/commit/on-emission';
import { Poller } from '../../../../src/poll/poller';
import { Readings } from '../../../../src/poll/readings';
import { ResourcePoller } from '../../../../src/poll/resource-poller';
import type { Start } from '../../../../src/poll/window';
import type { CrmClient } from '../../../../src/sagecrm/client';
import { ServerSource } from '../../../../src/sagecrm/server-source';
import { LevelPollStore } from '../../../../src/store/level-poll-store';
import { resolveZone } from '../../../../src/template/zone';
import { seededRandom } from '../../../support/random';
import { simulatedClient } from '../../../support/simulated-client';

export interface PollRigOptions {
  /** The folder in which the state gets one of its own. */
  folder: string;
  /** The server, with its number of records. */
  crm: string;
  /** Of the documented five. Default: all. */
  resources?: readonly string[];
  pageSize?: number;
  start: Start;
  /** The server of a configuration node that several share. Default: one of its own. */
  server?: RigServer;
}

/** What a configuration node gives to the poll nodes that use it. */
export interface RigServer {
  client: CrmClient;
  source: ServerSource;
  readings: Readings;
}

/** @param crm the server, with its number of records */
export function openServer(crm: string): RigServer {
  const client = simulatedClient(crm, systemClock());
  const zone = resolveZone('UTC');
  const source = new ServerSource({ client, api: 'hub', install: 'crm', zone });
  return { client, source, readings: new Readings(zone) };
}

/** Node-RED hands messages on with `setImmediate`; this lets it do so. */
const arrived = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A poller put together as the poll node does it, on a new and empty folder. */
export class PollRig {
  emitted = 0;
  private failure: Error | undefined;
  private readonly poller: Poller;
  private readonly server: RigServer;
  /** What tells that the readings of the server are used no longer. */
  private readonly done: (() => void)[] = [];

  private constructor(
    private readonly folder: string,
    private readonly store: LevelPollStore,
    private readonly options: PollRigOptions,
  ) {
    const clock = systemClock();
    this.server = options.server ?? openServer(options.crm);
    this.poller = new Poller({
      open: () => Promise.resolve(this.pollers(options)),
      intervalMs: 0,
      clock,
      random: seededRandom(1),
      onStatus: () => undefined,
      onReport: () => undefined,
      onError: (error) => {
        this.failure = error;
      },
    });
  }

  static async open(options: PollRigOptions): Promise<PollRig> {
    const folder = await mkdtemp(path.join(options.folder, 'poll-'));
    return new PollRig(folder, await LevelPollStore.open(folder), options);
  }

  /** Polls every resource once; throws what went wrong. */
  async poll(): Promise<void> {
    await this.poller.pollNow();
    if (this.failure !== undefined) throw this.failure;
  }

  /** Ends the poller and removes what it stored. */
  async close(): Promise<void> {
    await this.poller.stop();
    for (const done of this.done) done();
    if (this.options.server === undefined) this.server.client.close();
    await this.store.close();
    await rm(this.folder, { recursive: true });
  }

  private pollers(options: PollRigOptions): ResourcePoller[] {
    const { store } = this;
    const { source, readings } = this.server;
    const clock = systemClock();
    const emit = (): void => {
      this.emitted += 1;
    };
    const commit = new CommitOnEmission(store, emit, arrived);
    return resourcesOf(options).map((resource) => {
      const { reading, done } = readings.use(resource);
      this.done.push(done);
      return new ResourcePoller({
        resource,
        reading,
        start: options.start,
        overlapSeconds: 120,
        auditWindowMs: 24 * 3_600_000,
        instanceName: 'bench',
        tags: ['bench'],
        source,
        store,
        clock,
        startedAt: clock.monotonic(),
        commit,
        warn: (problem) => {
          this.failure = problem;
        },
      });
    });
  }
}

function resourcesOf({ resources, pageSize }: PollRigOptions): Resource[] {
  const documented = defaultResources();
  const raw = (resources ?? Object.keys(documented)).map((key) => [
    key,
    { ...documented[key], ...(pageSize !== undefined && { pageSize }) },
  ]);
  return parseOrThrow(resourcesSchema, Object.fromEntries(raw));
}
