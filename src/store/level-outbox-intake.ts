import { GroupCommit } from '../effects/group-commit';
import { below, del, guarded, put, type Operation } from './level-operations';
import { DURABLE, type Level } from './open-level';
import { hashed, KEYS, ordinalOf } from './outbox-layout';
import type { NewEvent } from './outbox-store';

/** An event to take, a letter to drop, or both at once: a letter to take again. */
export interface IntakeChange {
  event?: NewEvent;
  letter?: number;
}

/** How many keys one read of a count takes. */
const COUNT_STEP = 1000;

/**
 * Takes events into the outbox and letters out of the dead ones. Changes that come while a write is
 * under way share the next one; numbers are given out inside it, so that no smaller number can
 * appear later.
 */
export class LevelOutboxIntake {
  /** Whether there may be keys of these kinds; most outboxes have none. */
  hasTries = false;
  hasBatches = false;
  private lastSeq = 0;
  private lastLetter = 0;
  private readonly changes: GroupCommit<IntakeChange>;

  private constructor(
    private readonly db: Level,
    public depth: number,
    public letters: number,
  ) {
    this.changes = new GroupCommit((changes) => guarded('written', () => this.write(changes)));
  }

  /** Counts what is there. */
  static async open(db: Level): Promise<LevelOutboxIntake> {
    return guarded('read', async () => {
      const depth = await count(db, KEYS.queues);
      const intake = new LevelOutboxIntake(db, depth, await count(db, KEYS.letters));
      intake.lastSeq = await last(db, KEYS.events);
      intake.lastLetter = await last(db, KEYS.letters);
      intake.hasTries = (await last(db, KEYS.tries)) > 0;
      intake.hasBatches = (await last(db, KEYS.batches)) > 0;
      return intake;
    });
  }

  /** Resolves once the change is on disk. */
  change(...changes: IntakeChange[]): Promise<void> {
    return this.changes.add(changes);
  }

  nextLetter(): number {
    this.lastLetter += 1;
    return this.lastLetter;
  }

  settled(): Promise<void> {
    return this.changes.settled();
  }

  private async write(changes: readonly IntakeChange[]): Promise<void> {
    const due = this.stillThere(changes);
    const known = new Set<string>();
    const operations: Operation[] = [];
    let taken = 0;
    let dropped = 0;
    for (const { event, letter } of due) {
      if (letter !== undefined) {
        operations.push(del(KEYS.letter(letter)));
        dropped += 1;
      }
      const id = event === undefined ? undefined : idOf(event);
      if (event === undefined || id === undefined || known.has(id) || this.isThere(id)) {
        continue;
      }
      known.add(id);
      this.lastSeq += 1;
      operations.push(...taking(event, this.lastSeq, id));
      taken += 1;
    }
    if (operations.length > 0) await this.db.batch(operations, DURABLE);
    this.depth += taken;
    this.letters -= dropped;
  }

  /** Without the letters that are gone already, and each letter once. */
  private stillThere(changes: readonly IntakeChange[]): IntakeChange[] {
    const seen = new Set<number>();
    return changes.filter(({ letter }) => {
      if (letter === undefined) return true;
      if (seen.has(letter) || !this.isThere(KEYS.letter(letter))) return false;
      seen.add(letter);
      return true;
    });
  }

  /** A key that is not there costs LevelDB no read, so this needs no thread of its own. */
  private isThere(key: string): boolean {
    return this.db.getSync(key) !== undefined;
  }
}

function idOf({ message, target }: NewEvent): string {
  return KEYS.id(message.event.eventId, target);
}

function taking(event: NewEvent, seq: number, id: string): Operation[] {
  const lane = hashed(event.lane);
  const mark = [lane, JSON.stringify([event.message.event.objectType, event.instanceId])];
  return [
    put(KEYS.event(seq), event),
    put(KEYS.queue(event.target, seq), mark),
    put(KEYS.lane(lane, seq), mark),
    put(id, seq),
  ];
}

async function count(db: Level, prefix: string): Promise<number> {
  const keys = db.keys(below(prefix));
  let counted = 0;
  try {
    for (;;) {
      const { length } = await keys.nextv(COUNT_STEP);
      if (length === 0) return counted;
      counted += length;
    }
  } finally {
    await keys.close();
  }
}

async function last(db: Level, prefix: string): Promise<number> {
  const [key] = await db.keys({ ...below(prefix), reverse: true, limit: 1 }).all();
  return key === undefined ? 0 : ordinalOf(key);
}
