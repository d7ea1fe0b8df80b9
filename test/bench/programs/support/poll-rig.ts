import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { defaultResources } from '../../../../src/config/defaults';
import { parseOrThrow } from '../../../../src/config/problems';
import { resourcesSchema, type Resource } from '../../../../src/config/resources';
import { systemClock } from '../../../../src/effects/clock';
import { CommitOnEmission } from '../../../../src/poll/commit/on-emission';
import { Poller } from '../../../../src/poll/poller';
import { ResourcePoller } from '../../../../src/poll/resource-poller';
import type { Start } from '../../../../src/poll/window';
import type { CrmClient } from '../../../../src/sagecrm/client';
import { ServerSource } from '../../../../src/sagecrm/server-source';
import { LevelPollStore } from '../../../../src/store/level-poll-store';
import { resolveZone } from '../../../../src/template/zone';
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
}

/** Node-RED hands messages on with `setImmediate`; this lets it do so. */
const arrived = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A poller put together as the poll node does it, on a new and empty folder. */
export class PollRig {
  emitted = 0;
  private failure: Error | undefined;
  private readonly poller: Poller;
  private readonly client: CrmClient;

  private constructor(
    private readonly folder: string,
    private readonly store: LevelPollStore,
    options: PollRigOptions,
  ) {
    const clock = systemClock();
    this.client = simulatedClient(options.crm, clock);
    this.poller = new Poller({
      open: () => Promise.resolve(this.pollers(options)),
      intervalMs: 0,
      clock,
      random: Math.random,
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
    this.client.close();
    await this.store.close();
    await rm(this.folder, { recursive: true });
  }

  private pollers(options: PollRigOptions): ResourcePoller[] {
    const { client, store } = this;
    const zone = resolveZone('UTC');
    const clock = systemClock();
    const emit = (): void => {
      this.emitted += 1;
    };
    return resourcesOf(options).map(
      (resource) =>
        new ResourcePoller({
          ...{ resource, store, clock, serverZone: zone },
          start: options.start,
          overlapSeconds: 120,
          auditWindowMs: 24 * 3_600_000,
          instanceName: 'bench',
          tags: ['bench'],
          source: new ServerSource({ client, api: 'hub', install: 'crm', zone }),
          startedAt: clock.monotonic(),
          commit: new CommitOnEmission(store, emit, arrived),
          warn: (problem) => {
            this.failure = problem;
          },
        }),
    );
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
