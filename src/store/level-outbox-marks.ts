import { z } from 'zod';
import { below, guarded } from './level-operations';
import type { LevelOutboxIntake } from './level-outbox-intake';
import type { Level } from './open-level';
import { KEYS, ordinalOf, readAs } from './outbox-layout';
import { triedSchema, type Mark, type Sealed } from './outbox-store';

const markSchema = z.tuple([z.string(), z.string()]);
const sealedSchema = z.object({ seqs: z.array(z.number()).min(1), sealedAt: z.number() });

/** The waiting events of an outbox without their messages, each with its failed tries. */
export class LevelOutboxMarks {
  constructor(
    private readonly db: Level,
    private readonly intake: LevelOutboxIntake,
  ) {}

  scan(target: string, after: number, limit: number): Promise<Mark[]> {
    const range = { gt: KEYS.queue(target, after), lt: below(KEYS.queueOf(target)).lt, limit };
    return this.within(range);
  }

  lane(lane: string, last: number, limit: number): Promise<Mark[]> {
    return this.within({ gte: KEYS.lane(lane, 0), lte: KEYS.lane(lane, last), limit });
  }

  async sealed(target: string): Promise<Sealed[]> {
    const range = below(KEYS.sealedOf(target));
    const texts = await guarded('read', () => this.db.values(range).all());
    return Promise.all(
      texts.map(async (text) => {
        const { seqs, sealedAt } = readAs(sealedSchema, text, 'has a damaged batch');
        const marks = await this.of(target, seqs);
        const tried = marks[0]?.tried;
        return { marks, sealedAt, ...(tried === undefined ? {} : { tried }) };
      }),
    );
  }

  private async within(range: object): Promise<Mark[]> {
    const found = await guarded('read', () => this.db.iterator(range).all());
    return this.withTries(found.map(([key, text]) => readMark(ordinalOf(key), text)));
  }

  private async of(target: string, seqs: readonly number[]): Promise<Mark[]> {
    const keys = seqs.map((seq) => KEYS.queue(target, seq));
    const texts = await guarded('read', () => this.db.getMany(keys));
    const marks = seqs.map((seq, index) => readMark(seq, texts[index] ?? ''));
    return this.withTries(marks);
  }

  /** Failed tries are rare, so they are looked up only once there are any. */
  private async withTries(marks: Mark[]): Promise<Mark[]> {
    if (!this.intake.hasTries || marks.length === 0) return marks;
    const keys = marks.map(({ seq }) => KEYS.tried(seq));
    const texts = await guarded('read', () => this.db.getMany(keys));
    return marks.map((mark, index) => {
      const text = texts[index];
      if (text === undefined) return mark;
      return { ...mark, tried: readAs(triedSchema, text, 'has a damaged try') };
    });
  }
}

function readMark(seq: number, text: string): Mark {
  const [lane, group] = readAs(markSchema, text, 'has a damaged queue');
  return { seq, lane, group };
}
