import assert from 'node:assert/strict';
import { z } from 'zod';
import { LOST, NOW, type Fence } from '../../../src/redis/fence';
import { GIVE_BACK, RENEW, SETTLE } from '../../../src/redis/lease-scripts';
import { pollKeys, pollNodeKeys } from '../../../src/redis/poll-keys';
import { script } from '../../../src/redis/script';
import type { RedisConnection } from '../../../src/redis/connection';
import { INTERVAL_MS, LEASE_MS, LeaseAgent, NODE, RESOURCES, WRITE } from './lease-agent';

const STEP_MS = 5_000;
export const MOST_AGENTS = 4;
/** What is asked for in the middle of a step is noticed at its end. */
const SLACK_MS = 2 * STEP_MS;
const LONGEST_WITHOUT_POLL_MS = 2 * LEASE_MS + SLACK_MS;
/** Of those that are not the latest any more. */
const TOKENS_TRIED = 6;

/** Redis's own clock cannot be moved, so what is kept by it is set back. */
const ELAPSE = script(`
for index = 1, #KEYS - 1 do
  for _, field in ipairs({'until', 'due'}) do
    local at = tonumber(redis.call('HGET', KEYS[index], field) or 0)
    if at > 0 then redis.call('HSET', KEYS[index], field, at - ARGV[1]) end
  end
end
for _, instance in ipairs(redis.call('ZRANGE', KEYS[#KEYS], 0, -1)) do
  redis.call('ZINCRBY', KEYS[#KEYS], -ARGV[1], instance)
end
return 'OK'
`);

/** Who holds a lease, or nobody, and when the resource is due, in ms from now. */
const LOOK = script(`
${NOW}
local found = redis.call('HMGET', KEYS[1], 'owner', 'until', 'due')
local isHeld = tonumber(found[2] or 0) > now
return {isHeld and found[1] or '', found[3] and tostring(found[3] - now) or '0'}
`);

const lookSchema = z.tuple([z.string(), z.coerce.number()]);

/** The instances of one poll node, and what must hold for them at every moment. */
export class LeaseCrew {
  readonly agents: LeaseAgent[] = [];
  private now = 0;
  private readonly began = Date.now();
  private names = 0;
  private readonly problems: string[] = [];
  private readonly fences = new Map<string, Fence[]>();
  /** Since when somebody should have polled a resource. */
  private readonly wanting = new Map<string, number>();
  /** Since when an agent could have polled anything. */
  private readonly freeSince = new Map<LeaseAgent, number>();

  /** @param connection one that no agent uses */
  constructor(
    private readonly connection: RedisConnection,
    private readonly url: string,
    private readonly prefix: string,
  ) {}

  async join(): Promise<void> {
    if (this.agents.filter(({ isGone }) => !isGone).length >= MOST_AGENTS) return;
    const { url, prefix } = this;
    const agent = new LeaseAgent({
      ...{ url, prefix, name: `agent ${(this.names += 1)}` },
      onProblem: (problem) => this.problems.push(problem),
    });
    this.agents.push(agent);
    agent.start();
    await this.settled();
  }

  /** Of those that are not gone; undefined: all are. */
  pick(which: number): LeaseAgent | undefined {
    const there = this.agents.filter(({ isGone }) => !isGone);
    return there[which % Math.max(1, there.length)];
  }

  async elapse(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.now += STEP_MS;
      const keys = RESOURCES.map((resource) => this.leaseKey(resource));
      const { instances } = pollNodeKeys(this.prefix, NODE);
      await this.connection.run(ELAPSE, [...keys, instances], [STEP_MS]);
      for (const agent of this.agents) {
        if (agent.isGone) continue;
        await agent.elapse(STEP_MS);
        await agent.commands.settled();
      }
      await this.checkPolls();
    }
  }

  async settled(): Promise<void> {
    for (const { commands } of this.agents) await commands.settled();
  }

  /** At most one token writes, and it is the latest; the others change nothing, whatever they try. */
  async checkTokens(): Promise<void> {
    assert.deepEqual(this.problems, []);
    for (const resource of RESOURCES) {
      this.noteFences(resource);
      const [latest, ...older] = this.fencesOf(resource);
      if (latest === undefined) continue;
      assert.ok(older.every(({ token }) => token < latest.token));
      const key = this.leaseKey(resource);
      const before = await this.connection.command('hgetall', [key]);
      for (const { owner, token } of older.slice(0, TOKENS_TRIED)) {
        for (const [attempt, args] of [
          [WRITE, []],
          [RENEW, [LEASE_MS]],
          [SETTLE, ['', '1', 'LOGON_REFUSED', '']],
          [GIVE_BACK, []],
        ] as const) {
          const answer = await this.connection.run(attempt, [key], [owner, token, ...args]);
          assert.equal(answer, LOST, `${owner} wrote with token ${token}`);
        }
      }
      assert.deepEqual(await this.connection.command('hgetall', [key]), before);
      const { owner, token } = latest;
      assert.notEqual(await this.connection.run(WRITE, [key], [owner, token]), LOST);
    }
  }

  async close(): Promise<void> {
    for (const agent of this.agents) {
      if (agent.isFrozen && !agent.isGone) await agent.thaw();
      await agent.stop();
    }
    this.connection.close();
  }

  /** What is due was polled in time, if anybody could do it. */
  private async checkPolls(): Promise<void> {
    const { now, agents } = this;
    for (const agent of agents) {
      const isFree = agent.isAwake && agent.polling === undefined;
      if (!isFree) this.freeSince.set(agent, now);
    }
    for (const resource of RESOURCES) {
      this.noteFences(resource);
      const since = await this.wantingSince(resource);
      // Redis's own clock goes on while the steps are taken.
      if (now - since <= LONGEST_WITHOUT_POLL_MS + Date.now() - this.began) continue;
      const idle = agents.find((agent) => (this.freeSince.get(agent) ?? 0) < since);
      assert.equal(idle?.name, undefined, `${resource} is due since ${now - since} ms`);
    }
  }

  /** Since it was due, and nobody awake had it. */
  private async wantingSince(resource: string): Promise<number> {
    const look = await this.connection.run(LOOK, [this.leaseKey(resource)], []);
    const [owner, dueIn] = lookSchema.parse(look);
    const isKept = this.agents.some(({ name, isAwake }) => isAwake && name === owner);
    assert.ok(dueIn <= INTERVAL_MS, `${resource} is due in ${dueIn} ms`);
    const since = Math.max(this.wanting.get(resource) ?? 0, isKept ? this.now : 0);
    this.wanting.set(resource, since);
    return Math.max(since, this.now + dueIn);
  }

  private noteFences(resource: string): void {
    const known = this.fencesOf(resource);
    for (const { leases } of this.agents) {
      const fence = leases.fenceOf(resource);
      const isNew = fence.token > 0 && !known.some(({ token }) => token === fence.token);
      if (isNew) known.push(fence);
    }
    known.sort((one, other) => other.token - one.token);
    this.fences.set(resource, known);
  }

  private fencesOf(resource: string): Fence[] {
    return this.fences.get(resource) ?? [];
  }

  private leaseKey(resource: string): string {
    return pollKeys(this.prefix, NODE, resource).lease;
  }
}
