import {
  SageCrmError,
  type ErrorCode,
  type ErrorDetails,
} from '../../../../src/errors/sagecrm-error';
import { SOLE_LEASE, type Grant } from '../../../../src/poll/lease';
import { Poller, type PollerOptions } from '../../../../src/poll/poller';
import type { PollerStatus, PollReport } from '../../../../src/poll/poller-status';
import type { PollOutcome } from '../../../../src/poll/poll-run';
import type { ResourcePoller } from '../../../../src/poll/resource-poller';
import { ManualClock } from '../../../support/manual-clock';

export const NOTHING: PollOutcome = {
  created: 0,
  updated: 0,
  pages: 1,
  cursor: null,
  isWaiting: false,
};

type OnePoll = (
  signal: AbortSignal,
  onProgress: (records: number) => void,
) => Promise<Partial<PollOutcome>>;

/** Counts how many polls run at the same time, over all resources. */
interface Load {
  now: number;
  most: number;
}

/** In the place of a resource poller: polls as the test says, at once and with nothing new unless told. */
export class FakeResource {
  readonly resource: { key: string };
  readonly acquire = (): Promise<Grant> => SOLE_LEASE.acquire('due');
  readonly settle = (): Promise<void> => Promise.resolve();
  /** When each poll began, on the monotonic clock. */
  readonly polls: number[] = [];
  readonly replays: number[] = [];
  private next: OnePoll[] = [];

  constructor(
    key: string,
    private readonly clock: ManualClock,
    private readonly load: Load,
  ) {
    this.resource = { key };
  }

  /** What the next polls do, one after the other. */
  then(...polls: OnePoll[]): void {
    this.next.push(...polls);
  }

  fails(code: ErrorCode, details: ErrorDetails = {}, times = 1): void {
    const error = new SageCrmError(code, `${this.resource.key} failed`, 'wait', { details });
    for (let count = 0; count < times; count += 1) this.next.push(() => Promise.reject(error));
  }

  /** The next poll lasts until the result is called. */
  lasts(): () => void {
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => (end = resolve));
    this.next.push(() => over.then(() => ({})));
    return end;
  }

  async poll(signal: AbortSignal, onProgress: (records: number) => void): Promise<PollOutcome> {
    this.polls.push(this.clock.monotonic());
    this.load.now += 1;
    this.load.most = Math.max(this.load.most, this.load.now);
    try {
      const outcome = await this.next.shift()?.(signal, onProgress);
      return { ...NOTHING, ...outcome };
    } finally {
      this.load.now -= 1;
    }
  }

  replay(since: number): Promise<void> {
    this.replays.push(since);
    return Promise.resolve();
  }

  confirmDeletes(): void {
    this.replays.push(NaN);
  }
}

/** A poller over fake resources on a clock moved by hand. */
export class PollerRig {
  readonly clock = new ManualClock();
  readonly statuses: PollerStatus[] = [];
  readonly reports: PollReport[] = [];
  /** As `accounts SERVER_ERROR`; `node` where no resource is concerned. */
  readonly errors: string[] = [];
  /** The argument of each opening. */
  readonly openings: boolean[] = [];
  readonly load: Load = { now: 0, most: 0 };
  readonly resources: FakeResource[];
  readonly poller: Poller;
  private openFailures: SageCrmError[] = [];

  constructor(
    names: readonly string[] = ['accounts', 'contacts', 'leads'],
    options: Partial<Pick<PollerOptions, 'intervalMs' | 'random' | 'isShared'>> = {},
  ) {
    this.resources = names.map((name) => new FakeResource(name, this.clock, this.load));
    this.poller = new Poller({
      open: (anew) => this.open(anew),
      intervalMs: 900_000,
      clock: this.clock,
      random: () => 0,
      onStatus: (status) => this.statuses.push(status),
      onReport: (report) => this.reports.push(report),
      onError: (error, resource) => this.errors.push(`${resource ?? 'node'} ${error.code}`),
      ...options,
    });
  }

  /** The next openings fail, one after the other. */
  failToOpen(...codes: ErrorCode[]): void {
    this.openFailures.push(...codes.map((code) => new SageCrmError(code, 'no state', 'wait')));
  }

  resource(name: string): FakeResource {
    const found = this.resources.find(({ resource }) => resource.key === name);
    if (found === undefined) throw new Error(`there is no resource ${name}`);
    return found;
  }

  /** When each resource was polled since the last call, in seconds: `{accounts: [0, 900]}`. */
  times(): Record<string, number[]> {
    return Object.fromEntries(
      this.resources.map(({ resource, polls }) => [
        resource.key,
        polls.splice(0).map((ms) => ms / 1000),
      ]),
    );
  }

  /** Starts, and waits until the first cycle is over. */
  async start(): Promise<void> {
    this.poller.start();
    await this.settle();
  }

  async advance(seconds: number): Promise<void> {
    await this.clock.advance(seconds * 1000);
  }

  /** Lets everything happen that waits for no clock. */
  settle(): Promise<void> {
    return this.clock.advance(0);
  }

  private open(anew: boolean): Promise<ResourcePoller[]> {
    this.openings.push(anew);
    const failure = this.openFailures.shift();
    if (failure !== undefined) return Promise.reject(failure);
    return Promise.resolve(this.resources as unknown as ResourcePoller[]);
  }
}
