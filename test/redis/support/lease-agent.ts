import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { LeasesOnRedis } from '../../../src/poll/leases-on-redis';
import { Poller } from '../../../src/poll/poller';
import type { PollOutcome } from '../../../src/poll/poll-run';
import type { ResourcePoller } from '../../../src/poll/resource-poller';
import type { RedisConnection } from '../../../src/redis/connection';
import { FENCED, LOST, type Fence } from '../../../src/redis/fence';
import { leaseLost } from '../../../src/redis/redis-error';
import { pollKeys } from '../../../src/redis/poll-keys';
import { script } from '../../../src/redis/script';
import { ManualClock } from '../../support/manual-clock';
import { NOTHING } from '../../unit/poll/support/fake-resource';
import { CountedCommands } from './counted-commands';
import { connect } from './instance';

export const NODE = 'node';
export const RESOURCES = ['accounts', 'contacts'];
export const LEASE_MS = 30_000;
export const INTERVAL_MS = 60_000;

/** What any write does first. */
export const WRITE = script(`${FENCED}\nreturn 'OK'`);

interface AgentOptions {
  url: string;
  prefix: string;
  name: string;
  /** Told of what must not happen. */
  onProblem: (problem: string) => void;
}

/** One instance of a poll node, on a clock of its own: its schedule and leases are real, its polls only last. */
export class LeaseAgent {
  readonly name: string;
  readonly commands: CountedCommands;
  readonly leases: LeasesOnRedis;
  /** How long its polls last. */
  pollMs = 0;
  /** Its polls fail. */
  fails = false;
  /** The flow holds events of every resource. */
  holds = false;
  isFrozen = false;
  isGone = false;
  /** It is asked to poll just before its timers fire next. */
  isAsked = false;
  /** The resource that it polls. */
  polling: string | undefined;
  private readonly poller: Poller;
  private readonly clock = new ManualClock();
  private readonly connection: RedisConnection;
  private sleptMs = 0;
  private hasSlept = false;

  constructor(private readonly options: AgentOptions) {
    const { url, prefix, name } = options;
    this.name = name;
    this.connection = connect(url);
    this.commands = new CountedCommands(this.connection);
    this.leases = new LeasesOnRedis({
      ...{ connection: this.commands, prefix, node: NODE, owner: name, resources: RESOURCES },
      ...{ leaseMs: LEASE_MS, clock: this.clock, isInFlight: () => this.holds },
    });
    this.poller = new Poller({
      open: async () => {
        await this.leases.open();
        return RESOURCES.map((resource) => this.pollerOf(resource));
      },
      ...{ intervalMs: INTERVAL_MS, clock: this.clock, random: () => 0.5 },
      ...{ onStatus: () => undefined, onReport: () => undefined, onError: () => undefined },
    });
  }

  get isAwake(): boolean {
    return !this.isFrozen && !this.isGone;
  }

  fenceOf(resource: string): Fence {
    return this.leases.fenceOf(resource);
  }

  /** Time goes on, also while it is frozen; it notices when it thaws. */
  async elapse(ms: number): Promise<void> {
    if (this.isFrozen) {
      this.sleptMs += ms;
      return;
    }
    if (this.isAsked && this.polling === undefined) {
      const sent = this.commands.nextSent();
      void this.poller.pollNow();
      await sent;
    }
    this.isAsked = false;
    await this.clock.advance(ms);
  }

  freeze(): void {
    this.isFrozen = true;
    this.hasSlept = true;
  }

  async thaw(): Promise<void> {
    this.isFrozen = false;
    await this.clock.advance(this.sleptMs);
    this.sleptMs = 0;
  }

  kill(): void {
    this.isGone = true;
    this.connection.close();
  }

  start(): void {
    this.poller.start();
  }

  /** It is not waited for: its polls may be long. */
  pollNow(): void {
    if (this.isAwake) void this.poller.pollNow();
  }

  /** As Node-RED ends a node, unless it stands still. */
  async stop(): Promise<void> {
    if (!this.isAwake) return;
    this.isGone = true;
    await this.poller.stop();
    await this.leases.close();
    this.connection.close();
  }

  private pollerOf(key: string): ResourcePoller {
    const lease = this.leases.of(key);
    const poller: Pick<ResourcePoller, 'acquire' | 'settle' | 'poll'> & {
      resource: { key: string };
    } = {
      resource: { key },
      acquire: (urgency) => lease.acquire(urgency),
      settle: (settlement) => lease.settle(settlement).catch(() => undefined),
      poll: (signal) => this.poll(key, signal),
    };
    return poller as unknown as ResourcePoller;
  }

  private async poll(resource: string, signal: AbortSignal): Promise<PollOutcome> {
    this.polling = resource;
    this.hasSlept = false;
    try {
      if (this.pollMs > 0) await this.clock.sleep(this.pollMs, signal);
      await this.write(resource);
      if (this.fails) throw new SageCrmError('SERVER_ERROR', 'it failed', 'wait');
      return NOTHING;
    } finally {
      this.polling = undefined;
    }
  }

  /** Whoever was awake all the time may write. */
  private async write(resource: string): Promise<void> {
    const { prefix, onProblem } = this.options;
    const { owner, token } = this.fenceOf(resource);
    const { lease } = pollKeys(prefix, NODE, resource);
    if ((await this.commands.run(WRITE, [lease], [owner, token])) !== LOST) return;
    if (!this.hasSlept) onProblem(`${this.name} lost ${resource}, though it was awake`);
    throw leaseLost(resource);
  }
}
