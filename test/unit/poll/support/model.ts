import assert from 'node:assert/strict';
import { SageCrmError } from '../../../../src/errors/sagecrm-error';
import type { EventMessage } from '../../../../src/event/event';
import type { PollRig } from '../../../support/poll-rig';
import {
  OVERLAP_SECONDS,
  type Command,
  type NodeCommand,
  type WorldCommand,
} from './model-commands';

/** Carries the commands out and holds every message against the simulator's commit log. */
export class Model {
  private names = 0;
  private isBroken = false;
  private mayHaveDoubt = false;
  /** What a crash, or a restart without an acknowledgement, may bring once more: times by event id. */
  private readonly mayRepeat = new Map<string, number>();
  private readonly acknowledged = new Set<string>();
  /** Those that were acknowledged before they came again: known in memory only. */
  private readonly acknowledgedEarly = new Set<string>();
  /** Those of them since the last replay: after a restart an old message answers for a new one. */
  private readonly answered = new Set<string>();
  /** How many messages had come before the last restart or replay. */
  private before = 0;
  /** Since the last restart, after which no acknowledgement of an old message counts. */
  private hasReplayed = false;
  /** How many messages had come before the last replay. */
  private replayedAt = 0;

  /** @param other a second node on the same entity, with a state of its own */
  constructor(
    private readonly rig: PollRig,
    private readonly other: PollRig,
  ) {}

  run(command: Command): Promise<void> {
    return 'world' in command ? this.change(command.world) : this.act(command.node);
  }

  private async change(command: WorldCommand): Promise<void> {
    const { rig } = this;
    switch (command.do) {
      case 'create':
        rig.crm.create('company', this.named(), command.tie ? this.tie() : {});
        return;
      case 'update':
        this.update(command.which);
        return;
      case 'commitLate': {
        const commitAt = rig.simulator.clock.now() + command.afterSeconds * 1000;
        if (command.which === undefined) rig.crm.create('company', this.named(), { commitAt });
        else this.update(command.which, { commitAt });
        return;
      }
      case 'wait':
        return rig.advance(command.seconds);
      case 'stepClock':
        rig.clock.step(command.minutes * 60_000);
        return;
      case 'jumpServerDate':
        rig.simulator.options.dateHeaderSkewMs = command.minutes * 60_000;
        return;
      case 'fail':
        rig.simulator.faults.when(() => true, command.fault);
        return;
      case 'changeWhilePaging':
        this.changeWhilePaging(command.which);
        return;
      case 'breakFlow':
        this.breakFlow(command.after);
    }
  }

  private async act(command: NodeCommand): Promise<void> {
    switch (command.do) {
      case 'poll':
        return this.poll();
      case 'pollOther':
        await this.other.poll().catch(expected);
        return;
      case 'acknowledge':
        return this.acknowledge(command.every);
      case 'crashWhileEmitting':
        return this.crashWhileEmitting(command.after);
      case 'crashWhileReading':
        return this.crashWhileReading();
      case 'restart':
        return this.restart();
      case 'replay':
        return this.replay();
    }
  }

  /** Lets late commits come in and everything be polled, then compares. */
  async settle(): Promise<void> {
    const { rig, other } = this;
    rig.simulator.faults.clear();
    rig.simulator.options.dateHeaderSkewMs = 0;
    delete rig.simulator.options.beforePage;
    rig.onMessage = () => undefined;
    this.mayHaveDoubt = false;
    await rig.advance(OVERLAP_SECONDS);
    for (const each of [rig, other]) {
      let isWaiting = true;
      while (isWaiting) {
        ({ isWaiting } = await each.poll());
        await each.acknowledge();
      }
      await each.poll();
    }
    this.check();
    assertComplete(other, new Map());
  }

  private async poll(): Promise<void> {
    const isWaiting = await this.attempt();
    if (isWaiting === false && !this.mayHaveDoubt) this.check();
    this.mayHaveDoubt = false;
    delete this.rig.simulator.options.beforePage;
  }

  /** @returns undefined for a poll that failed */
  private async attempt(): Promise<boolean | undefined> {
    try {
      return (await this.rig.poll()).isWaiting;
    } catch (error) {
      expected(error);
      return undefined;
    } finally {
      this.isBroken = false;
      this.rig.onMessage = () => undefined;
    }
  }

  private async acknowledge(every: number): Promise<void> {
    const ids = this.rig.received.map(({ event }) => event.eventId);
    const some = ids.filter((_id, index) => index % every === 0);
    const present = new Set(ids.slice(this.before));
    for (const id of some) {
      if (present.has(id)) this.acknowledgedEarly.delete(id);
      else if (this.hasReplayed || this.acknowledged.has(id)) continue;
      else {
        this.acknowledgedEarly.add(id);
        this.answered.add(id);
      }
      this.acknowledged.add(id);
    }
    await this.rig.acknowledge(some);
  }

  private async crashWhileEmitting(after: number): Promise<void> {
    const { rig } = this;
    const before = rig.received.length;
    let left = after;
    rig.onMessage = () => {
      if (left === 0) rig.die();
      left -= 1;
      if (left < 0) throw new Error('flow broke');
    };
    await this.attempt();
    if (!rig.isDead) return;
    this.allowAgain(rig.received.slice(before));
    await this.restart();
  }

  private async crashWhileReading(): Promise<void> {
    const { rig } = this;
    let emitted = 0;
    rig.simulator.options.beforePage = ({ offset }) => {
      if (offset === 0 || rig.isDead) return;
      rig.die();
      emitted = rig.received.length;
    };
    await this.attempt();
    delete rig.simulator.options.beforePage;
    if (!rig.isDead) return;
    // What the killed process would have emitted after that was never emitted.
    rig.received.length = emitted;
    await this.restart();
  }

  private async restart(): Promise<void> {
    for (const id of this.acknowledgedEarly) this.acknowledged.delete(id);
    this.acknowledgedEarly.clear();
    this.allowUnacknowledged();
    this.before = this.rig.received.length;
    this.hasReplayed = false;
    await this.rig.restart();
  }

  /** All comes once more, and is to be acknowledged once more. */
  private async replay(): Promise<void> {
    const { received } = this.rig;
    this.allowAgain(oncePerEvent(received));
    this.acknowledged.clear();
    this.acknowledgedEarly.clear();
    this.answered.clear();
    this.before = received.length;
    this.hasReplayed = true;
    this.replayedAt = received.length;
    await this.rig.replay('2026-01-01T00:00:00Z');
  }

  private allowUnacknowledged(): void {
    if (this.rig.commitMode === 'emitted') return;
    const held = this.rig.received.filter(({ event }) => !this.acknowledged.has(event.eventId));
    this.allowAgain(oncePerEvent(held));
  }

  private allowAgain(messages: readonly EventMessage[]): void {
    for (const { event } of messages) {
      this.mayRepeat.set(event.eventId, (this.mayRepeat.get(event.eventId) ?? 0) + 1);
    }
  }

  private check(): void {
    const { rig, mayRepeat, replayedAt, answered } = this;
    assertComplete(rig, mayRepeat, { index: replayedAt, answered });
  }

  private update(which: number, options: { commitAt?: number } = {}): void {
    const rows = this.rig.crm.rows('company');
    const row = rows[which % Math.max(1, rows.length)];
    if (row !== undefined) this.rig.crm.update('company', row.id, this.named(), options);
  }

  private changeWhilePaging(which: number): void {
    let done = false;
    // A change during a poll is found by that poll or by the next.
    this.mayHaveDoubt = true;
    this.rig.simulator.options.beforePage = ({ offset }) => {
      if (done || offset === 0) return;
      done = true;
      this.update(which);
    };
  }

  private breakFlow(after: number): void {
    if (this.isBroken) return;
    this.isBroken = true;
    let left = after;
    this.rig.onMessage = () => {
      if (left === 0) throw new Error('flow broke');
      left -= 1;
    };
  }

  private named(): { Comp_Name: string } {
    this.names += 1;
    return { Comp_Name: `version ${this.names}` };
  }

  /** The second of the latest change, so that groups of equal dates grow. */
  private tie(): { stamp?: string } {
    const stamp = this.rig.crm.commitLog.at(-1)?.stamp;
    const recent = this.rig.simulator.clock.now() - OVERLAP_SECONDS * 500;
    return typeof stamp === 'string' && Date.parse(stamp) > recent ? { stamp } : {};
  }
}

/**
 * What can be seen now was emitted, and nothing was emitted twice that may not be.
 *
 * @param replay how many messages came before it, which do not count for what can be seen, and the
 *   event ids that were acknowledged all the same
 */
function assertComplete(
  rig: PollRig,
  mayRepeat: ReadonlyMap<string, number>,
  replay: { index: number; answered: ReadonlySet<string> } = { index: 0, answered: new Set() },
): void {
  const times = new Map<string, number>();
  const changes = new Set<string>();
  const again = new Set<string>();
  for (const [index, { payload, event }] of rig.received.entries()) {
    times.set(event.eventId, (times.get(event.eventId) ?? 0) + 1);
    const change = JSON.stringify([event.objectId, payload.Comp_Name]);
    changes.add(change);
    if (index >= replay.index || replay.answered.has(event.eventId)) again.add(change);
  }
  for (const [id, count] of times) {
    assert.ok(count <= 1 + (mayRepeat.get(id) ?? 0), `${id} came ${count} times`);
  }
  assert.equal(times.size, changes.size, 'a change has two event ids, or two changes share one');
  const latest = new Map<string, unknown>();
  for (const { id, row } of rig.crm.visibleChanges()) latest.set(id, row.Comp_Name);
  for (const [id, name] of latest) {
    assert.ok(again.has(JSON.stringify([id, name])), `lost: record ${id}, ${String(name)}`);
  }
}

function oncePerEvent(messages: readonly EventMessage[]): EventMessage[] {
  return [...new Map(messages.map((each) => [each.event.eventId, each])).values()];
}

function expected(error: unknown): void {
  assert.ok(error instanceof SageCrmError || (error as Error).message === 'flow broke');
}
