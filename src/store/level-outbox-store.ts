import { GroupCommit } from '../effects/group-commit';
import { below, del, guarded, put, type Operation } from './level-operations';
import { LevelOutboxIntake } from './level-outbox-intake';
import { LevelOutboxLetters } from './level-outbox-letters';
import { LevelOutboxMarks } from './level-outbox-marks';
import { DURABLE, openLevel, type Level } from './open-level';
import { outboxInMove } from './migration/move-error';
import {
  hashed,
  KEYS,
  ordinalOf,
  OUTBOX_LAYOUT,
  outboxCorrupt,
  readEvent,
  readGone,
  readOutboxMove,
} from './outbox-layout';
import type {
  Burial,
  Mark,
  DisabledTarget,
  NewEvent,
  OutboxEntry,
  OutboxStore,
  Sealed,
  Tried,
  WaitingTarget,
} from './outbox-store';

const SINGLE: Tried = { attempts: 0, faults: 0, dueAt: 0, waitMs: 0, single: true };

/**
 * The outbox on an embedded LevelDB, one database per callback node:
 *
 * - `event!{seq}`: a waiting event, in the order of taking
 * - `queue!{target}!{seq}` and `lane!{lane}!{seq}`: the waiting events of each target and each lane
 * - `id!{[event id, target]}`: the number of the waiting event
 * - `try!{seq}`: the tries so far of the webhook that begins with the event
 * - `batch!{target}!{seq}`: the composition of that webhook
 * - `dead!{number}`: events given up
 * - `gone!{target}`: targets that want nothing any more
 * - `move`: that all of it has left for another store, or is arriving from one
 */
export class LevelOutboxStore implements OutboxStore {
  readonly letters: LevelOutboxLetters;
  private readonly marks: LevelOutboxMarks;
  private readonly writes: GroupCommit<Operation>;
  /** No event before this number waits; spares LevelDB the search through what it has deleted. */
  private oldest = 0;

  private constructor(
    private readonly db: Level,
    private readonly intake: LevelOutboxIntake,
  ) {
    this.letters = new LevelOutboxLetters(db, intake);
    this.marks = new LevelOutboxMarks(db, intake);
    this.writes = new GroupCommit((operations) =>
      guarded('written', () => db.batch([...operations])),
    );
  }

  /**
   * @throws SageCrmError `STATE_LOCKED`, `STATE_CORRUPT` or `STATE_IO`; `STATE_MOVED` or
   *   `STATE_ELSEWHERE` when it has left for another store, or has not arrived
   */
  static async open(folder: string): Promise<LevelOutboxStore> {
    const db = await openLevel(folder, OUTBOX_LAYOUT);
    try {
      const move = await readOutboxMove(db);
      if (move !== undefined) throw outboxInMove(move, 'embedded');
      return new LevelOutboxStore(db, await LevelOutboxIntake.open(db));
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  get depth(): number {
    return this.intake.depth;
  }

  take(event: NewEvent): Promise<void> {
    return this.intake.change({ event });
  }

  async oldestAt(): Promise<number | undefined> {
    const range = { gte: KEYS.event(this.oldest), lt: below(KEYS.events).lt, limit: 1 };
    const [found] = await guarded('read', () => this.db.iterator(range).all());
    if (found === undefined) return undefined;
    const [key, text] = found;
    this.oldest = ordinalOf(key);
    return readEntry(this.oldest, text).takenAt;
  }

  async nextTarget(key: string): Promise<WaitingTarget | undefined> {
    const from = key === '' ? KEYS.queues : below(`${key}!`).lt;
    const range = { gte: from, lt: below(KEYS.queues).lt, limit: 1 };
    const [found] = await guarded('read', () => this.db.keys(range).all());
    if (found === undefined) return undefined;
    const [entry] = await this.read([ordinalOf(found)]);
    if (entry === undefined) throw missing();
    return { target: entry.target, key: found.slice(0, found.lastIndexOf('!')) };
  }

  scan(target: string, after: number, limit: number): Promise<Mark[]> {
    return this.marks.scan(target, after, limit);
  }

  lane(lane: string, last: number, limit: number): Promise<Mark[]> {
    return this.marks.lane(lane, last, limit);
  }

  sealed(target: string): Promise<Sealed[]> {
    return this.marks.sealed(target);
  }

  /** Reads without a thread of its own: what is read was written or scanned just before. */
  read(seqs: readonly number[]): Promise<OutboxEntry[]> {
    return guarded('read', () =>
      Promise.resolve(
        seqs.map((seq) => {
          const text = this.db.getSync(KEYS.event(seq));
          if (text === undefined) throw missing();
          return readEntry(seq, text);
        }),
      ),
    );
  }

  seal(target: string, seqs: readonly number[], sealedAt: number): Promise<void> {
    this.intake.hasBatches = true;
    return this.writes.add([put(KEYS.sealed(target, firstOf(seqs)), { seqs, sealedAt })]);
  }

  async unseal(target: string, seqs: readonly number[]): Promise<void> {
    await this.writes.add([
      del(KEYS.sealed(target, firstOf(seqs))),
      ...seqs.map((seq) => put(KEYS.tried(seq), SINGLE)),
    ]);
    this.intake.hasTries = true;
  }

  async retryLater(seq: number, tried: Tried): Promise<void> {
    await this.writes.add([put(KEYS.tried(seq), tried)]);
    this.intake.hasTries = true;
  }

  async remove(entries: readonly OutboxEntry[]): Promise<void> {
    await this.writes.add(this.removing(entries));
    this.intake.depth -= entries.length;
  }

  async bury(burials: readonly Burial[], at: number): Promise<number[]> {
    const letters = burials.map(() => this.intake.nextLetter());
    await this.writes.add([
      ...this.removing(burials.map(({ entry }) => entry)),
      ...burials.map(({ entry: event, reason, attempts }, index) =>
        put(KEYS.letter(letters[index] ?? 0), { event, reason, attempts, buriedAt: at }),
      ),
    ]);
    this.intake.depth -= burials.length;
    this.intake.letters += burials.length;
    return letters;
  }

  async disabled(): Promise<DisabledTarget[]> {
    const texts = await guarded('read', () => this.db.values(below(KEYS.allGone)).all());
    return texts.map(readGone);
  }

  async disable({ target, address }: DisabledTarget, at: number): Promise<void> {
    const value = JSON.stringify({ target, address, at });
    await guarded('written', () => this.db.put(KEYS.gone(target), value, DURABLE));
  }

  async enable(target: string): Promise<void> {
    await guarded('written', () => this.db.del(KEYS.gone(target), DURABLE));
  }

  async close(): Promise<void> {
    await Promise.all([this.writes.settled(), this.intake.settled()]);
    await this.db.close();
  }

  private removing(entries: readonly OutboxEntry[]): Operation[] {
    const [first] = entries;
    if (first === undefined) return [];
    const operations: Operation[] = [];
    if (this.intake.hasBatches) operations.push(del(KEYS.sealed(first.target, first.seq)));
    for (const { seq, target, lane, message } of entries) {
      operations.push(del(KEYS.event(seq)), del(KEYS.queue(target, seq)));
      operations.push(
        del(KEYS.lane(hashed(lane), seq)),
        del(KEYS.id(message.event.eventId, target)),
      );
      if (this.intake.hasTries) operations.push(del(KEYS.tried(seq)));
    }
    return operations;
  }
}

function firstOf(seqs: readonly number[]): number {
  const [first] = seqs;
  if (first === undefined) throw new RangeError('a webhook without events');
  return first;
}

function readEntry(seq: number, text: string): OutboxEntry {
  return { seq, ...readEvent(text) };
}

function missing(): Error {
  return outboxCorrupt('has lost an event');
}
