import { z } from 'zod';
import type { Clock } from '../effects/clock';
import type { Commands } from '../redis/connection';
import { LOST, type Fence } from '../redis/fence';
import { ACQUIRE, GIVE_BACK, RENEW, SETTLE } from '../redis/lease-scripts';
import { leaseLost } from '../redis/redis-error';
import type { Script } from '../redis/script';
import type { Grant, PollLease, Settlement, Urgency } from './lease';

/** Renewals in the time of one lease: two may fail before it runs out. */
const RENEWALS = 3;
/** Timers of this machine are not exact; a poll that comes early by less than this comes in time. */
const TOLERANCE_MS = 100;

const milliseconds = z.coerce.number();

const answerSchema = z.union([
  z.tuple([z.literal('granted'), z.coerce.number().int(), z.coerce.number()]),
  z.tuple([z.literal('held'), z.string(), milliseconds]),
  z.tuple([z.literal('early'), milliseconds]),
  z.tuple([z.literal('blocked'), z.string()]),
]);

export interface LeaseOnRedisOptions {
  connection: Commands;
  /** The lease's key. */
  key: string;
  resource: string;
  /** This instance; another name at every start. */
  owner: string;
  leaseMs: number;
  clock: Clock;
  /** Who goes first when the resource is due, and who after that. */
  order: () => readonly [first: string, second: string];
  /** True while the flow holds events of the resource, which only this instance can strike off. */
  isInFlight: () => boolean;
}

/**
 * A lease by Redis's own clock. It is renewed while it is held; when it has run out and another
 * instance has taken it, what this one writes is refused, since its token is not the latest.
 */
export class LeaseOnRedis implements PollLease {
  private token = 0;
  /** On the monotonic clock: until then nobody else can have taken over. */
  private validUntil = -Infinity;
  private renewing: AbortController | undefined;
  /** From the grant until it is settled. */
  private isPolling = false;

  constructor(private readonly options: LeaseOnRedisOptions) {}

  get fence(): Fence {
    return { owner: this.options.owner, token: this.token };
  }

  async acquire(urgency: Urgency): Promise<Grant> {
    const { connection, key, owner, leaseMs, clock, order } = this.options;
    const began = clock.monotonic();
    const args = [owner, leaseMs, urgency, this.token, ...order(), TOLERANCE_MS];
    const answer = answerSchema.parse(await connection.run(ACQUIRE, [key], args));
    switch (answer[0]) {
      case 'held': {
        const [, holder, left] = answer;
        return { granted: false, holder, retryInMs: Math.min(left, leaseMs / 2) };
      }
      case 'early':
        return { granted: false, retryInMs: answer[1] };
      case 'blocked':
        return { granted: false, retryInMs: leaseMs };
      case 'granted': {
        const [, token, isContinued] = answer;
        this.token = token;
        this.validUntil = began + leaseMs;
        this.isPolling = true;
        this.keepAlive();
        return { granted: true, isContinued: isContinued === 1 };
      }
    }
  }

  async confirm(): Promise<void> {
    if (this.options.clock.monotonic() < this.validUntil) return;
    await this.renew();
  }

  async settle({ nextInMs, hasFailed, blockedBy = '' }: Settlement): Promise<void> {
    const isKept = this.options.isInFlight();
    this.isPolling = false;
    if (!isKept) this.renewing?.abort();
    const due = nextInMs === undefined ? '' : Math.max(0, Math.round(nextInMs));
    await this.fenced(SETTLE, [due, hasFailed ? '1' : '', blockedBy, isKept ? '1' : '']);
  }

  /** Lets others poll at once; of use when the instance ends. */
  async giveBack(): Promise<void> {
    if (this.renewing === undefined || this.renewing.signal.aborted) return;
    this.renewing.abort();
    await this.fenced(GIVE_BACK, []);
  }

  private async renew(): Promise<void> {
    const { leaseMs, clock } = this.options;
    const began = clock.monotonic();
    await this.fenced(RENEW, [leaseMs]);
    this.validUntil = began + leaseMs;
  }

  private async fenced(script: Script, args: readonly (string | number)[]): Promise<void> {
    const { connection, key, owner, resource } = this.options;
    const { token } = this;
    const answer = await connection.run(script, [key], [owner, token, ...args]);
    if (answer !== LOST) return;
    // A refusal of the token before says nothing about a grant that came meanwhile.
    if (token === this.token) {
      this.validUntil = -Infinity;
      this.renewing?.abort();
    }
    throw leaseLost(resource);
  }

  private keepAlive(): void {
    if (this.renewing !== undefined && !this.renewing.signal.aborted) return;
    this.renewing = new AbortController();
    // It ends with the lease; nobody waits for it.
    void this.renewEach(this.renewing.signal).catch(() => undefined);
  }

  private async renewEach(signal: AbortSignal): Promise<void> {
    const { clock, leaseMs, isInFlight } = this.options;
    for (;;) {
      await clock.sleep(leaseMs / RENEWALS, signal);
      // Kept any longer, it would be in the way of whoever goes first.
      if (!this.isPolling && !isInFlight()) return this.giveBack();
      // A loss ends the renewals; when Redis is away, the next one may get through.
      await this.renew().catch(() => undefined);
    }
  }
}
