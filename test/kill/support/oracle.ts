import assert from 'node:assert/strict';
import type { SimulatedCrm } from '../../simulator/data';
import type { CommittedChange } from '../../simulator/commit-log';
import { ENTITIES } from './entities';
import type { Sighting } from './messages';

/** What came, in all lives, and of that what was needless. */
export interface Tally {
  /** Events that were received and accepted. */
  accepted: number;
  /** Of these, events that had been accepted before. */
  repeats: number;
}

/**
 * Holds what came against the commit log of the simulator.
 *
 * Needed are the newest version of each record, all versions that stood while a poll ran from its
 * beginning to its end, and all that were journaled.
 */
export class Oracle {
  private readonly arrived: Sighting[] = [];
  private readonly accepted = new Map<string, number>();
  private readonly needed = new Map<string, string>();
  private stood = new Set<string>();
  private emittedBefore = new Set<string>();
  private emittedNow = new Set<string>();
  private repeatedNow = 0;
  /** The most messages that one life emitted though an earlier one had. */
  mostEmittedAgain = 0;

  constructor(private readonly crm: SimulatedCrm) {}

  get tally(): Tally {
    const counts = [...this.accepted.values()];
    const accepted = counts.reduce((sum, count) => sum + count, 0);
    return { accepted, repeats: accepted - counts.length };
  }

  lifeBegins(): void {
    for (const eventId of this.emittedNow) this.emittedBefore.add(eventId);
    this.emittedNow = new Set();
    this.repeatedNow = 0;
    this.stood = this.visible();
  }

  /** @param hasPolled every resource was polled to the end in it */
  lifeEnds(hasPolled: boolean): void {
    this.mostEmittedAgain = Math.max(this.mostEmittedAgain, this.repeatedNow);
    if (!hasPolled) return;
    const visible = this.visible();
    for (const key of this.stood) {
      if (visible.has(key)) this.needed.set(key, 'stood while a poll ran');
    }
  }

  /** The state was taken away: only what the server still shows can come. */
  forget(): void {
    this.needed.clear();
  }

  journaled(sightings: readonly Sighting[]): void {
    for (const sighting of sightings) this.needed.set(keyOf(sighting), 'was journaled');
  }

  emitted(sighting: Sighting): void {
    const { eventId } = sighting;
    assert.ok(!this.emittedNow.has(eventId), `${keyOf(sighting)} was emitted twice in one life`);
    this.emittedNow.add(eventId);
    if (this.emittedBefore.has(eventId)) this.repeatedNow += 1;
  }

  received(sightings: readonly Sighting[], isAccepted: boolean): void {
    for (const sighting of sightings) {
      this.arrived.push(sighting);
      if (!isAccepted) continue;
      const key = keyOf(sighting);
      this.accepted.set(key, (this.accepted.get(key) ?? 0) + 1);
    }
  }

  /** For the end, when all is said to have come. */
  check(): void {
    this.checkIdentity();
    this.checkComplete();
    this.checkOrder();
  }

  private checkIdentity(): void {
    const idOf = new Map<string, string>();
    const keyOfId = new Map<string, string>();
    for (const sighting of this.arrived) {
      const key = keyOf(sighting);
      const { eventId } = sighting;
      assert.equal(idOf.get(key) ?? eventId, eventId, `${key} came under two event ids`);
      assert.equal(keyOfId.get(eventId) ?? key, key, `${eventId} is the id of two changes`);
      idOf.set(key, eventId);
      keyOfId.set(eventId, key);
    }
  }

  private checkComplete(): void {
    const log = this.crm.visibleChanges();
    const known = new Set(log.map(keyOfChange));
    for (const key of this.accepted.keys()) assert.ok(known.has(key), `invented: ${key}`);
    for (const key of this.visible()) this.needed.set(key, 'is the newest version');
    const lost = [...this.needed].filter(([key]) => !this.accepted.has(key));
    assert.deepEqual(lost, [], `lost: ${lost.length} of ${this.needed.size}`);
  }

  /** Of each record, no version comes for the first time after a newer one. */
  private checkOrder(): void {
    const changes = new Map(this.crm.commitLog.map((change) => [keyOfChange(change), change]));
    const latest = new Map<string, CommittedChange>();
    const known = new Set<string>();
    for (const sighting of this.arrived) {
      const key = keyOf(sighting);
      if (known.has(key)) continue;
      known.add(key);
      const record = `${sighting.objectType} ${sighting.objectId}`;
      const change = changes.get(key);
      assert.ok(change !== undefined);
      const before = latest.get(record);
      assert.ok(
        before === undefined || change.version > before.version,
        `${record}: ${dated(change)} came after ${dated(before)}`,
      );
      latest.set(record, change);
    }
  }

  /** The versions that the API shows. */
  private visible(): Set<string> {
    return new Set(
      ENTITIES.flatMap(({ entity, resource, column }) =>
        this.crm
          .rows(entity)
          .map(({ id, fields }) => `${resource} ${id} ${String(fields[column])}`),
      ),
    );
  }
}

function dated(change: CommittedChange | undefined): string {
  return `version ${change?.version ?? 0} of ${change?.stamp ?? 'no date'}`;
}

function keyOf({ objectType, objectId, label }: Sighting): string {
  return `${objectType} ${objectId} ${label}`;
}

function keyOfChange({ entity, id, row }: CommittedChange): string {
  const known = ENTITIES.find((each) => each.entity === entity);
  return known === undefined ? '' : `${known.resource} ${id} ${String(row[known.column])}`;
}
