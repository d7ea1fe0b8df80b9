import { createHash } from 'node:crypto';
import type { Random } from '../../src/effects/random';

/** The same numbers for the same seed. */
export function seededRandom(seed: number): Random {
  let count = 0;
  return () => {
    count += 1;
    return createHash('sha256').update(`${seed} ${count}`).digest().readUInt32BE() / 2 ** 32;
  };
}

export function pick<Choice>(choices: readonly Choice[], random: Random): Choice {
  const choice = choices[Math.floor(random() * choices.length)];
  if (choice === undefined) throw new Error('there is nothing to pick from');
  return choice;
}
