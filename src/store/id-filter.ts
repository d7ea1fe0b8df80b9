/** Bits for each id, and how many of them it sets: among a million ids, hardly a new one is mistaken. */
const BITS_PER_ID = 64;
const PROBES = 16;

/** Powers of two, so that a mask keeps a place within its part. */
const FIRST_PART_IDS = 1024;
const MOST_PART_IDS = 65_536;

/** Two hashes that have little to do with each other tell all the bits of an id. */
interface Mixture {
  seed: number;
  factor: number;
}

const PLACE: Mixture = { seed: 0x811c9dc5, factor: 0x01000193 };
const STEP: Mixture = { seed: 0x9747b28c, factor: 0x5bd1e995 };

interface Part {
  words: Uint32Array;
  /** How many ids it has room for. */
  room: number;
}

/**
 * Tells of an id that it was never added for sure, or that it probably was: a Bloom filter of eight
 * bytes an id, which grows in parts.
 */
export class IdFilter {
  private readonly parts: Part[] = [];

  get isEmpty(): boolean {
    return this.parts.length === 0;
  }

  add(id: string): void {
    const part = this.partWithRoom();
    part.room -= 1;
    const { words } = part;
    let place = hashed(id, PLACE);
    let step = hashed(id, STEP);
    for (let probe = 0; probe < PROBES; probe += 1) {
      const index = wordOf(place, words);
      words[index] = (words[index] ?? 0) | bitOf(place);
      place += step;
      step += probe;
    }
  }

  /** False: it was never added. */
  mayHave(id: string): boolean {
    if (this.isEmpty) return false;
    const place = hashed(id, PLACE);
    const step = hashed(id, STEP);
    return this.parts.some(({ words }) => hasAll(words, place, step));
  }

  private partWithRoom(): Part {
    const last = this.parts.at(-1);
    if (last !== undefined && last.room > 0) return last;
    const room = Math.min(FIRST_PART_IDS * 2 ** this.parts.length, MOST_PART_IDS);
    const part = { words: new Uint32Array((room * BITS_PER_ID) / 32), room };
    this.parts.push(part);
    return part;
  }
}

function hasAll(words: Uint32Array, firstPlace: number, firstStep: number): boolean {
  let place = firstPlace;
  let step = firstStep;
  for (let probe = 0; probe < PROBES; probe += 1) {
    if (((words[wordOf(place, words)] ?? 0) & bitOf(place)) === 0) return false;
    place += step;
    step += probe;
  }
  return true;
}

function wordOf(place: number, words: Uint32Array): number {
  return (place >>> 5) & (words.length - 1);
}

function bitOf(place: number): number {
  return 1 << (place & 31);
}

/** FNV-1a over the UTF-16 units, with the last mixing steps of MurmurHash3. */
function hashed(id: string, { seed, factor }: Mixture): number {
  let hash = seed;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), factor);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
