import { below, del, guarded, put } from '../level-operations';
import { LevelOutboxIntake } from '../level-outbox-intake';
import { LevelOutboxLetters } from '../level-outbox-letters';
import { DURABLE, openLevel, type Level } from '../open-level';
import { KEYS, OUTBOX_LAYOUT, readEvent, readGone, readOutboxMove } from '../outbox-layout';
import type { Move } from './movable';
import {
  letterSlices,
  type MovableOutbox,
  type OutboxHead,
  type OutboxSlice,
} from './outbox-state';
import { inSlices } from './slices';

/** All but the mark of the move, and whose database it is. */
const CONTENTS = [
  ...[KEYS.events, KEYS.queues, KEYS.lanes, KEYS.ids, KEYS.tries, KEYS.batches],
  ...[KEYS.letters, KEYS.allGone],
];

/** The embedded outbox, as one end of a move; it has the database to itself. */
export class LevelMovableOutbox implements MovableOutbox {
  private constructor(
    private readonly db: Level,
    private readonly intake: LevelOutboxIntake,
  ) {}

  /**
   * Opens it also when it has left or has not arrived.
   *
   * @throws SageCrmError `STATE_LOCKED`, `STATE_CORRUPT` or `STATE_IO`
   */
  static async open(folder: string): Promise<LevelMovableOutbox> {
    const db = await openLevel(folder, OUTBOX_LAYOUT);
    try {
      return new LevelMovableOutbox(db, await LevelOutboxIntake.open(db));
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  move(): Promise<Move | undefined> {
    return readOutboxMove(this.db);
  }

  async head(): Promise<OutboxHead> {
    const { depth: events, letters } = this.intake;
    const texts = await guarded('read', () => this.db.values(below(KEYS.allGone)).all());
    return { events, letters, silenced: texts.map(readGone), version: '' };
  }

  async *slices(): AsyncGenerator<OutboxSlice> {
    for await (const pairs of inSlices(this.db.iterator(below(KEYS.events)))) {
      yield { events: pairs.map(([, text]) => readEvent(text)) };
    }
    yield* letterSlices(new LevelOutboxLetters(this.db, this.intake));
  }

  async begin(id: string): Promise<void> {
    await this.mark({ role: 'arriving', id });
    await this.clear();
  }

  async take({ events = [], letters = [] }: OutboxSlice): Promise<void> {
    await this.intake.change(...events.map((event) => ({ event })));
    if (letters.length === 0) return;
    const puts = letters.map(({ letter, ...contents }) => put(KEYS.letter(letter), contents));
    await guarded('written', () => this.db.batch(puts, DURABLE));
  }

  async complete({ silenced }: OutboxHead): Promise<void> {
    const puts = silenced.map(({ target, address }) => put(KEYS.gone(target), { target, address }));
    await guarded('written', () => this.db.batch(puts, DURABLE));
  }

  leave(id: string): Promise<void> {
    return this.mark({ role: 'left', id });
  }

  async enter(): Promise<void> {
    await guarded('written', () => this.db.batch([del(KEYS.move)], DURABLE));
  }

  drop(): Promise<void> {
    return this.clear();
  }

  async close(): Promise<void> {
    await this.db.close();
  }

  private async mark(move: Move): Promise<void> {
    await guarded('written', () => this.db.batch([put(KEYS.move, move)], DURABLE));
  }

  private async clear(): Promise<void> {
    await guarded('written', async () => {
      for (const prefix of CONTENTS) await this.db.clear(below(prefix));
    });
  }
}
