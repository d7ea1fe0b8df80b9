import type { EventEmitter } from 'node:events';
import type { Clock } from '../effects/clock';
import { networkFaultOf } from '../http/network-fault';
import { redisUnavailable } from './redis-error';
import type { Script } from './script';

export type Argument = string | number;

/** What is used of ioredis; its `Redis` and its `Cluster` both have it. */
export interface RedisClient extends Pick<EventEmitter, 'on'> {
  /** `ready` while commands are taken; `end` when it will not connect again. */
  readonly status: string;
  call(command: string, args: Argument[]): Promise<unknown>;
  disconnect(): void;
}

/** How long a command waits for the connection to stand. */
const LONGEST_WAIT_MS = 2000;

export interface ConnectionSettings {
  longestWaitMs?: number;
  /** Finds out why there is no connection, where the client does not say it. */
  whyNot?: (() => Promise<Error | undefined>) | undefined;
}

/** What is asked of a connection by those who do not own it. */
export type Commands = Pick<RedisConnection, 'command' | 'run'>;

/**
 * Commands to one Redis, single or cluster. All fail with `REDIS_UNAVAILABLE` within a bounded time
 * while it is away, and none is sent again later: what failed has either been done or never will be.
 */
export class RedisConnection {
  private lastError: unknown;
  /** Called when it is ready, or will never be. */
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly client: RedisClient,
    private readonly clock: Clock,
    private readonly settings: ConnectionSettings = {},
  ) {
    // The client connects again by itself; a listener is what keeps its errors from being thrown.
    client.on('error', (error: unknown) => {
      // What follows on a refused certificate says less than that.
      if (!isTlsFault(this.lastError)) this.lastError = error;
    });
    client.on('ready', () => {
      this.lastError = undefined;
      this.wake();
    });
    client.on('end', () => {
      this.wake();
    });
  }

  /** @throws SageCrmError `REDIS_UNAVAILABLE` */
  async command(name: string, args: readonly Argument[]): Promise<unknown> {
    await this.ready();
    try {
      return await this.client.call(name, [...args]);
    } catch (error) {
      throw redisUnavailable(error);
    }
  }

  /**
   * Runs a script, whose keys all lie in one slot.
   *
   * @throws SageCrmError `REDIS_UNAVAILABLE`
   */
  async run(
    { lua, sha }: Script,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<unknown> {
    await this.ready();
    const rest = [keys.length, ...keys, ...args];
    try {
      return await this.client.call('evalsha', [sha, ...rest]);
    } catch (error) {
      if (!isUnknownScript(error)) throw redisUnavailable(error);
    }
    try {
      return await this.client.call('eval', [lua, ...rest]);
    } catch (error) {
      throw redisUnavailable(error);
    }
  }

  close(): void {
    this.client.disconnect();
  }

  private async ready(): Promise<void> {
    const { client, clock } = this;
    const { longestWaitMs = LONGEST_WAIT_MS } = this.settings;
    if (client.status === 'ready') return;
    const over = new AbortController();
    const end = (): void => {
      over.abort();
    };
    this.waiting.add(end);
    if (client.status !== 'end') {
      await clock.sleep(longestWaitMs, over.signal).catch(() => undefined);
    }
    this.waiting.delete(end);
    if (client.status === 'ready') return;
    throw redisUnavailable(await this.reason());
  }

  private async reason(): Promise<unknown> {
    const { lastError, settings } = this;
    if (isTlsFault(lastError)) return lastError;
    const fault = await settings.whyNot?.();
    return isTlsFault(fault) ? fault : (lastError ?? 'there is no connection');
  }

  private wake(): void {
    for (const end of this.waiting) end();
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

function isTlsFault(error: unknown): boolean {
  return networkFaultOf(error).kind === 'tls';
}
