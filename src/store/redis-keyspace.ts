import { z } from 'zod';
import type { Argument, Commands } from '../redis/connection';
import { LOST, type Fence } from '../redis/fence';
import { allKeys, pollKeys, type PollKeys } from '../redis/poll-keys';
import { leaseLost } from '../redis/redis-error';
import type { Script } from '../redis/script';

const textsSchema = z.array(z.string());
const optionalTextsSchema = z.array(z.string().nullable());

export interface RedisKeyspaceOptions {
  connection: Commands;
  /** See `RedisSettings`. */
  prefix: string;
  /** The id of the poll node. */
  node: string;
  /** What writes to a resource have to show. */
  fenceOf: (resource: string) => Fence;
}

/** The part of Redis that holds one poll node's state: reads as they are, writes behind the fence. */
export class RedisKeyspace {
  constructor(private readonly options: RedisKeyspaceOptions) {}

  keysOf(resource: string): PollKeys {
    return pollKeys(this.options.prefix, this.options.node, resource);
  }

  /**
   * Runs a script that changes something.
   *
   * @throws SageCrmError `LEASE_LOST` when another instance has taken over; nothing is changed then
   */
  async write(script: Script, resource: string, args: readonly Argument[]): Promise<unknown> {
    const keys = allKeys(this.keysOf(resource));
    const { owner, token } = this.options.fenceOf(resource);
    const answer = await this.options.connection.run(script, keys, [owner, token, ...args]);
    if (answer === LOST) throw leaseLost(resource);
    return answer;
  }

  /** Two texts in turn, such as a key and its value. */
  async pairs(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<[string, string][]> {
    const texts = textsSchema.parse(await this.options.connection.run(script, keys, args));
    return Array.from({ length: texts.length / 2 }, (_, index) => [
      texts[2 * index] ?? '',
      texts[2 * index + 1] ?? '',
    ]);
  }

  /** Fields of a hash, in their order. */
  async fields(key: string, names: readonly string[]): Promise<(string | undefined)[]> {
    if (names.length === 0) return [];
    const answer = await this.options.connection.command('hmget', [key, ...names]);
    return optionalTextsSchema.parse(answer).map((text) => text ?? undefined);
  }

  async command(name: string, args: readonly Argument[]): Promise<unknown> {
    return this.options.connection.command(name, args);
  }
}

/** A list as the scripts take it: its length, then its items. */
export function list(items: readonly (readonly Argument[])[]): Argument[] {
  return [items.length, ...items.flat()];
}
