import assert from 'node:assert/strict';
import { defaultResources } from '../../src/config/defaults';
import type { ApiChoice } from '../../src/config/config-properties';
import { parseOrThrow } from '../../src/config/problems';
import { resourcesSchema, type RawResource, type Resource } from '../../src/config/resources';
import type { SageCrmError } from '../../src/errors/sagecrm-error';
import type { EventMessage } from '../../src/event/event';
import type { Commit, CommitMode, Emit } from '../../src/poll/commit/commit';
import { EarlyAcknowledgements } from '../../src/poll/commit/early-acknowledgements';
import { CommitOnAcknowledgement } from '../../src/poll/commit/on-acknowledgement';
import { CommitOnEmission } from '../../src/poll/commit/on-emission';
import type { PollOutcome } from '../../src/poll/poll-run';
import { createReading } from '../../src/poll/readings';
import { ResourcePoller } from '../../src/poll/resource-poller';
import type { Start } from '../../src/poll/window';
import type { CrmClient } from '../../src/sagecrm/client';
import { ServerSource } from '../../src/sagecrm/server-source';
import { resolveZone } from '../../src/template/zone';
import { SimulatedClock } from '../simulator/clock';
import { startSimulator, type Simulator, type SimulatorOptions } from '../simulator/simulator';
import { ManualClock } from './manual-clock';
import { EmbeddedState, type OpenState, type RigState } from './rig-state';
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
  /** Where state is kept; the embedded store unless a test says otherwise. */
  newState?: () => Promise<RigState>;
}

/** How a suite gets its rigs, which says where they keep their state. */
export type StartRig = (options?: RigOptions) => Promise<PollRig>;

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
  /** From `die` to `restart`. */
  isDead = false;
  private poller: ResourcePoller;
  private commit: Commit;

  private constructor(
    readonly simulator: Simulator,
    readonly clock: ManualClock,
    private readonly state: RigState,
    private opened: OpenState,
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
    const state = await (options.newState ?? EmbeddedState.create)();
    const resource = resourceOf(options).key;
    const opened = await state.open(resource, () => rig.isInFlight);
    const client = simulatedClient(`http://${simulator.host}`, clock);
    const began = clock.monotonic();
    const rig = new PollRig(simulator, clock, state, opened, client, options, began);
    return rig;
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
    return this.withLease(() => this.poller.poll(signal, () => undefined));
  }

  confirmDeletes(): void {
    this.poller.confirmDeletes();
  }

  replay(since: string): Promise<void> {
    return this.withLease(() => this.poller.replay(Date.parse(since)));
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

  /** As if the process were killed at this moment; what it writes from now on is lost with `restart`. */
  die(): void {
    this.state.die();
    this.isDead = true;
  }

  /** Closes the state and starts anew on it, as a restart of Node-RED or a redeploy does. */
  async restart(changes: Partial<RigOptions> = {}): Promise<void> {
    await this.commit.close();
    await this.opened.close();
    this.client.close();
    this.options = { ...this.options, ...changes };
    this.startedAt = this.clock.monotonic();
    this.isDead = false;
    this.opened = await this.state.open(resourceOf(this.options).key, () => this.isInFlight);
    this.client = simulatedClient(`http://${this.simulator.host}`, this.clock);
    this.commit = this.createCommit();
    this.poller = this.createPoller();
  }

  async close(): Promise<void> {
    this.client.close();
    await this.commit.close();
    await this.opened.close();
    if (this.options.beside === undefined) await this.simulator.close();
    await this.state.remove();
  }

  private get isInFlight(): boolean {
    return this.commit.keysInFlight(resourceOf(this.options).key).size > 0;
  }

  /** As the poller of a node does it. */
  private async withLease<Result>(work: () => Promise<Result>): Promise<Result> {
    const { granted } = await this.poller.acquire('now');
    assert.ok(granted, 'nobody else has the lease');
    try {
      return await work();
    } finally {
      await this.poller.settle({ nextInMs: 0, hasFailed: false });
    }
  }

  private createCommit(): Commit {
    const { clock, options } = this;
    const { store } = this.opened;
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
      early: new EarlyAcknowledgements(maxInFlight),
    });
  }

  private createPoller(): ResourcePoller {
    const { timezone = 'UTC', api = 'hub' } = this.options;
    const zone = resolveZone(timezone);
    const resource = resourceOf(this.options);
    return new ResourcePoller({
      resource,
      reading: createReading(resource, zone),
      start: this.options.start ?? { from: 'all' },
      overlapSeconds: this.options.overlapSeconds ?? 120,
      auditWindowMs: (this.options.lateWindowHours ?? 0) * 3_600_000,
      instanceName: 'rig',
      tags: ['test'],
      source: new ServerSource({
        client: this.client,
        api,
        install: 'crm',
        zone,
      }),
      store: this.opened.store,
      lease: this.opened.lease,
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
