import { below, guarded } from './level-operations';
import type { LevelOutboxIntake } from './level-outbox-intake';
import type { Level } from './open-level';
import { KEYS, ordinalOf, readAs } from './outbox-layout';
import {
  deadLetterSchema,
  type DeadLetter,
  type DeadLetters,
  type LetterPage,
} from './outbox-store';

/** The events of an outbox that were given up, in the order of giving up. */
export class LevelOutboxLetters implements DeadLetters {
  constructor(
    private readonly db: Level,
    private readonly intake: LevelOutboxIntake,
  ) {}

  get count(): number {
    return this.intake.letters;
  }

  async list({ order, limit, after }: LetterPage): Promise<DeadLetter[]> {
    const all = below(KEYS.letters);
    const range =
      order === 'oldest'
        ? { gt: after === undefined ? all.gte : KEYS.letter(after), lt: all.lt }
        : { gte: all.gte, lt: after === undefined ? all.lt : KEYS.letter(after), reverse: true };
    const found = await guarded('read', () => this.db.iterator({ ...range, limit }).all());
    return found.map(([key, text]) => readLetter(ordinalOf(key), text));
  }

  async read(letters: readonly number[]): Promise<DeadLetter[]> {
    const texts = await guarded('read', () => this.db.getMany(letters.map(KEYS.letter)));
    return letters.flatMap((letter, index) => {
      const text = texts[index];
      return text === undefined ? [] : [readLetter(letter, text)];
    });
  }

  replay(letters: readonly DeadLetter[], takenAt: number): Promise<void> {
    return this.intake.change(
      ...letters.map(({ event, letter }) => ({ event: { ...event, takenAt }, letter })),
    );
  }

  drop(letters: readonly number[]): Promise<void> {
    return this.intake.change(...letters.map((letter) => ({ letter })));
  }
}

function readLetter(letter: number, text: string): DeadLetter {
  return { letter, ...readAs(deadLetterSchema, text, 'holds a damaged dead letter') };
}
