import type { Clock } from '../effects/clock';
import { SageCrmError } from '../errors/sagecrm-error';
import type { DeadLetter, DeadLetters as LetterStore, LetterPage } from '../store/outbox-store';

const DAY_MS = 86_400_000;

export const MOST_LETTERS = 10_000;
export const OLDEST_LETTER_MS = 30 * DAY_MS;

/** From this part of a limit on, there is a warning. */
const NEAR = 0.8;

/** How many letters one step reads. */
const STEP = 200;

export interface DeadLettersOptions {
  letters: LetterStore;
  clock: Clock;
  /** How many are kept. */
  most: number;
  /** How long one is kept, ms. */
  maxAgeMs: number;
  onWarning: (warning: SageCrmError) => void;
}

/** The events that were given up: looked through, sent again or dropped, and kept within limits. */
export class DeadLetterBox {
  private told: 'nothing' | 'near' | 'dropping' = 'nothing';
  private looking: Promise<void> = Promise.resolve();
  private nextLook: Promise<void> | undefined;

  constructor(private readonly options: DeadLettersOptions) {}

  get count(): number {
    return this.options.letters.count;
  }

  list(page: LetterPage): Promise<DeadLetter[]> {
    return this.options.letters.list(page);
  }

  /**
   * Takes letters as new events, with all their tries before them.
   *
   * @param numbers all that there are, when undefined
   * @returns the targets of those that were there, one for each letter
   */
  async replay(numbers: readonly number[] | undefined): Promise<string[]> {
    const { letters, clock } = this.options;
    const targets: string[] = [];
    await this.each(numbers, async (some) => {
      await letters.replay(some, clock.now());
      targets.push(...some.map(({ event }) => event.target));
    });
    return targets;
  }

  /**
   * @param numbers all that there are, when undefined
   * @returns how many were there
   */
  async drop(numbers: readonly number[] | undefined): Promise<number> {
    let dropped = 0;
    await this.each(numbers, async (some) => {
      await this.options.letters.drop(numbersOf(some));
      dropped += some.length;
    });
    return dropped;
  }

  /**
   * Drops what is over the limits, and warns before that and when it happens. A look that has begun
   * may have missed what was given up since, so another one follows it.
   */
  tidy(): Promise<void> {
    this.nextLook ??= this.looking
      .catch(() => undefined)
      .then(() => {
        this.nextLook = undefined;
        this.looking = this.tidyOnce();
        return this.looking;
      });
    return this.nextLook;
  }

  private async tidyOnce(): Promise<void> {
    const { letters, clock, most, maxAgeMs } = this.options;
    let dropped = 0;
    for (;;) {
      const oldest = await letters.list({ order: 'oldest', limit: STEP });
      const surplus = letters.count - most;
      const isOver = ({ buriedAt }: DeadLetter, index: number): boolean =>
        index < surplus || clock.now() - buriedAt > maxAgeMs;
      const end = oldest.findIndex((letter, index) => !isOver(letter, index));
      const over = end === -1 ? oldest : oldest.slice(0, end);
      await letters.drop(numbersOf(over));
      dropped += over.length;
      if (end === -1 && oldest.length > 0) continue;
      this.warn(dropped, oldest[over.length]);
      return;
    }
  }

  private warn(dropped: number, oldest: DeadLetter | undefined): void {
    const { letters, clock, most, maxAgeMs, onWarning } = this.options;
    const age = oldest === undefined ? 0 : clock.now() - oldest.buriedAt;
    if (dropped > 0) {
      if (this.told !== 'dropping') onWarning(droppedWarning(dropped));
      this.told = 'dropping';
    } else if (letters.count >= NEAR * most || age >= NEAR * maxAgeMs) {
      if (this.told === 'nothing') onWarning(nearWarning(letters.count, most, maxAgeMs));
      if (this.told === 'nothing') this.told = 'near';
    } else {
      this.told = 'nothing';
    }
  }

  /** Goes through letters in steps; what is given up meanwhile is not among them. */
  private async each(
    numbers: readonly number[] | undefined,
    act: (some: readonly DeadLetter[]) => Promise<void>,
  ): Promise<void> {
    const { letters } = this.options;
    if (numbers !== undefined) {
      const unique = [...new Set(numbers)];
      for (let from = 0; from < unique.length; from += STEP) {
        const some = await letters.read(unique.slice(from, from + STEP));
        if (some.length > 0) await act(some);
      }
      return;
    }
    const [newest] = await letters.list({ order: 'newest', limit: 1 });
    for (let after = 0; newest !== undefined && after < newest.letter;) {
      const found = await letters.list({ order: 'oldest', limit: STEP, after });
      after = found.at(-1)?.letter ?? newest.letter;
      const some = found.filter(({ letter }) => letter <= newest.letter);
      if (some.length > 0) await act(some);
    }
  }
}

function numbersOf(letters: readonly DeadLetter[]): number[] {
  return letters.map(({ letter }) => letter);
}

function nearWarning(count: number, most: number, maxAgeMs: number): SageCrmError {
  return new SageCrmError(
    'DEAD_LETTERS_FULL',
    `There are ${count} dead letters; the oldest are dropped beyond ${most}, or after ${Math.round(maxAgeMs / DAY_MS)} days`,
    'look at their reasons, then replay or drop them',
  );
}

function droppedWarning(count: number): SageCrmError {
  return new SageCrmError(
    'DEAD_LETTERS_FULL',
    `${count} of the oldest dead letters were dropped, and more will be`,
    'look at the reasons of the others, then replay or drop them',
  );
}
