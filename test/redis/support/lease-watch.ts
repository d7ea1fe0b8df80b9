import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { pollKeys } from '../../../src/redis/poll-keys';
import type { RedisServer } from '../../support/redis-server';

const NODE = 'node';

/** Clocks of two machines differ, and a timer may fire a little early. */
const TOLERANCE_MS = 100;

/** Redis tells its time in seconds and microseconds. */
const timeSchema = z.tuple([z.coerce.number(), z.coerce.number()]);

interface Grant {
  /** By Redis's clock, as all times here, ms. */
  at: number;
  /** Since when it was due; undefined where that was not seen. */
  due: number | undefined;
}

/** Sees by Redis's own clock when leases are granted, however late a busy machine tells of it. */
export class LeaseWatch {
  private readonly grants = new Map<string, Grant[]>();
  private readonly due = new Map<string, number>();
  /** The longest time to the next poll that was asked for. */
  private longestMs = 0;

  private constructor(
    private readonly socket: Socket,
    private readonly prefix: string,
  ) {
    createInterface({ input: socket }).on('line', (line) => {
      const [, time, words] = /^\+(\d+\.\d+) \[\d+ lua\] (.*)$/.exec(line) ?? [];
      if (time === undefined || words === undefined) return;
      const args = [...words.matchAll(/"([^"]*)"/g)].map(([, word = '']) => word);
      this.see(Number(time) * 1000, args);
    });
  }

  static async start({ port }: RedisServer, prefix: string): Promise<LeaseWatch> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const watch = new LeaseWatch(socket, prefix);
    // The client library mistakes what it is told before it expects that for answers.
    socket.write('MONITOR\r\n');
    return watch;
  }

  grantsOf(resource: string): readonly Grant[] {
    return this.grants.get(pollKeys(this.prefix, NODE, resource).lease) ?? [];
  }

  /** No poll was too early, and each of them has planned the next one for an interval later. */
  check(resource: string, intervalMs: number): void {
    for (const { at, due = at } of this.grantsOf(resource)) {
      assert.ok(at >= due - TOLERANCE_MS, `${resource} was polled ${due - at} ms too early`);
    }
    assert.ok(this.longestMs <= intervalMs, `the next poll was planned in ${this.longestMs} ms`);
  }

  stop(): void {
    this.socket.destroy();
  }

  private see(at: number, [command = '', key = '', field = '', value = '']: string[]): void {
    if (command.toLowerCase() === 'hset' && field === 'due') {
      this.due.set(key, Number(value));
      this.longestMs = Math.max(this.longestMs, Number(value) - at);
    }
    if (command.toLowerCase() === 'hincrby' && field === 'token') {
      const grants = this.grants.get(key) ?? [];
      this.grants.set(key, [...grants, { at, due: this.due.get(key) }]);
    }
  }
}

/** How long it takes until anybody else may poll a resource whose holder is gone, ms. */
export async function waitOfOthers(
  server: RedisServer,
  { prefix, resource, leaseMs }: { prefix: string; resource: string; leaseMs: number },
): Promise<number> {
  const [seconds, micros] = timeSchema.parse(await server.ask('time'));
  const { lease } = pollKeys(prefix, NODE, resource);
  const [heldUntil, due] = timeSchema.parse(await server.ask('hmget', lease, 'until', 'due'));
  return Math.max(heldUntil, due + leaseMs) - (seconds * 1000 + micros / 1000);
}
