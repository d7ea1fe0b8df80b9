import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { defaultResources } from '../../src/config/defaults';
import type { ApiChoice } from '../../src/config/config-properties';
import { parseOrThrow } from '../../src/config/problems';
import { resourcesSchema, type RawResource, type Resource } from '../../src/config/resources';
import type { SageCrmError } from '../../src/errors/sagecrm-error';
import type { EventMessage } from '../../src/event/event';
import type { Commit, CommitMode, Emit } from '../../src/poll/commit/commit';
import { CommitOnAcknowledgement } from '../../src/poll/commit/on-acknowledgement';
import { CommitOnEmission } from '../../src/poll/commit/on-emission';
import type { PollOutcome } from '../../src/poll/poll-run';
import { ResourcePoller } from '../../src/poll/resource-poller';
import type { Start } from '../../src/poll/window';
import type { CrmClient } from '../../src/sagecrm/client';
import { ServerSource } from '../../src/sagecrm/server-source';
import { LevelPollStore } from '../../src/store/level-poll-store';
import { resolveZone } from '../../src/template/zone';
import { SimulatedClock } from '../simulator/clock';
import { startSimulator, type Simulator, type SimulatorOptions } from '../simulator/simulator';
import { ManualClock } from './manual-clock';
import { simulatedClient } from './simulated-client';

export const START_OF_TIME = '2026-01-31T10:00:00Z';

export interface RigOptions {
  simulator?: SimulatorOptions;
  /** Which of the documented resources; more is set with `raw`. */
  resource?: string;
  raw?: RawResource;
  start?: Start;
  overlapSeconds?: number;
  timezone?: string;
  api?: ApiChoice;
  /** How far this machine's clock is ahead of the server's. */
  clockSkewMs?: number;
  /** How far an occasional poll looks back; not at all unless a test is about it. */
  lateWindowHours?: number;
  /** Events leave the journal on emission, unless a test is about acknowledging them. */
  commit?: CommitMode;
  maxInFlight?: number;
  /** Another node on the same server, in the same process and time. */
  beside?: PollRig;
  redeliverAfterMs?: number;
}

/**
 * One resource polled from a simulated Sage CRM over real HTTP into a real store. Both clocks stand
 * still until `advance` moves them together.
 */
export class PollRig {
  readonly received: EventMessage[] = [];
  readonly warnings: SageCrmError[] = [];
  /** Called with every message; may throw, as a flow might. */
  onMessage: (message: EventMessage) => void = () => undefined;
  /** How often a full flow was said to have room again. */
  rooms = 0;
  private poller: ResourcePoller;
  private commit: Commit;

  private snapshots = 0;

  private constructor(
    readonly simulator: Simulator,
    readonly clock: ManualClock,
    private readonly folder: string,
    private stateFolder: string,
    private store: LevelPollStore,
    private client: CrmClient,
    private options: RigOptions,
    private startedAt: number,
  ) {
    this.commit = this.createCommit();
    this.poller = this.createPoller();
  }

  static async start(options: RigOptions = {}): Promise<PollRig> {
    const simulator = options.beside?.simulator ?? (await startServer(options));
    const clock = options.beside?.clock ?? clockOf(options);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-rig-'));
    const stateFolder = path.join(folder, 'state');
    const store = await LevelPollStore.open(stateFolder);
    const client = simulatedClient(`http://${simulator.host}`, clock);
    const began = clock.monotonic();
    return new PollRig(simulator, clock, folder, stateFolder, store, client, options, began);
  }

  get crm(): Simulator['crm'] {
    return this.simulator.crm;
  }

  async advance(seconds: number): Promise<void> {
    this.simulator.clock.advance(seconds * 1000);
    await this.clock.advance(seconds * 1000);
  }

  /** One poll; rejects as the poller does. */
  poll(signal: AbortSignal = new AbortController().signal): Promise<PollOutcome> {
    return this.poller.poll(signal, () => undefined);
  }

  confirmDeletes(): void {
    this.poller.confirmDeletes();
  }

  replay(since: string): Promise<void> {
    return this.poller.replay(Date.parse(since));
  }

  /** The flow has dealt with these events; without ids, with all it has received. */
  async acknowledge(
    eventIds: readonly string[] = this.received.map(({ event }) => event.eventId),
  ): Promise<void> {
    if (this.commit instanceof CommitOnAcknowledgement) await this.commit.acknowledge(eventIds);
  }

  get commitMode(): CommitMode {
    return this.options.commit ?? 'emitted';
  }

  get unacknowledged(): number {
    return this.commit.unacknowledged;
  }

  /** What came since the last call, as `CREATED 43`, in order. */
  take(): string[] {
    return this.received.splice(0).map(({ event }) => `${event.eventType} ${event.objectId}`);
  }

  /** Polls and tells what came. */
  async pollAndTake(): Promise<string[]> {
    await this.poll();
    return this.take();
  }

  /** What the disk holds now, as a process killed at this moment leaves it behind. */
  snapshot(): string {
    this.snapshots += 1;
    const copy = path.join(this.folder, `snapshot-${this.snapshots}`);
    cpSync(this.stateFolder, copy, { recursive: true });
    return copy;
  }

  /** Starts anew on a snapshot: whatever was done after it was taken has never happened. */
  async crashBackTo(snapshot: string): Promise<void> {
    this.stateFolder = snapshot;
    await this.restart();
  }

  /** Closes the state and starts anew on it, as a restart of Node-RED or a redeploy does. */
  async restart(changes: Partial<RigOptions> = {}): Promise<void> {
    await this.commit.close();
    await this.store.close();
    this.client.close();
    this.options = { ...this.options, ...changes };
    this.startedAt = this.clock.monotonic();
    this.store = await LevelPollStore.open(this.stateFolder);
    this.client = simulatedClient(`http://${this.simulator.host}`, this.clock);
    this.commit = this.createCommit();
    this.poller = this.createPoller();
  }

  async close(): Promise<void> {
    this.client.close();
    await this.commit.close();
    await this.store.close();
    if (this.options.beside === undefined) await this.simulator.close();
    await rm(this.folder, { recursive: true });
  }

  private createCommit(): Commit {
    const { store, clock, options } = this;
    const emit: Emit = (message) => {
      this.onMessage(message);
      this.received.push(message);
    };
    if (options.commit !== 'acknowledged')
      return new CommitOnEmission(store, emit, () => Promise.resolve());
    const { maxInFlight = 1000, redeliverAfterMs = 0 } = options;
    const onRoom = (): void => {
      this.rooms += 1;
    };
    return new CommitOnAcknowledgement({
      ...{ store, emit, clock, maxInFlight, redeliverAfterMs, onRoom },
    });
  }

  private createPoller(): ResourcePoller {
    const { timezone = 'UTC', api = 'hub' } = this.options;
    const zone = resolveZone(timezone);
    return new ResourcePoller({
      resource: resourceOf(this.options),
      start: this.options.start ?? { from: 'all' },
      overlapSeconds: this.options.overlapSeconds ?? 120,
      auditWindowMs: (this.options.lateWindowHours ?? 0) * 3_600_000,
      serverZone: zone,
      instanceName: 'rig',
      tags: ['test'],
      source: new ServerSource({
        client: this.client,
        api,
        install: 'crm',
        zone,
      }),
      store: this.store,
      clock: this.clock,
      startedAt: this.startedAt,
      commit: this.commit,
      warn: (problem) => this.warnings.push(problem),
    });
  }
}

function startServer({ simulator }: RigOptions): Promise<Simulator> {
  return startSimulator({ clock: SimulatedClock.at(START_OF_TIME), ...simulator });
}

function clockOf({ clockSkewMs = 0 }: RigOptions): ManualClock {
  return new ManualClock(Date.parse(START_OF_TIME) + clockSkewMs);
}

function resourceOf({ resource: key = 'accounts', raw }: RigOptions): Resource {
  const [resource] = parseOrThrow(resourcesSchema, {
    [key]: { ...defaultResources()[key], ...raw },
  });
  if (resource === undefined) throw new Error(`there is no resource ${key}`);
  return resource;
}
