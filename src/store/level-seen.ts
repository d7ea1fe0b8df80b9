import { IdFilter } from './id-filter';
import { below, del, guarded, put, type Operation } from './level-operations';
import type { Level } from './open-level';
import { inSlices } from './migration/slices';
import { loggedUntil, seenKey, seenLogKey } from './poll-keys';
import type { SeenVersion } from './poll-store';
import { mayComeAgain, readSeen, readSeenLog } from './seen-versions';

/** How many entries one step of a long clean-up touches, so that the event loop keeps turning. */
const CLEAN_UP_STEP = 1000;

/** The versions of some ids, as they are after a write. */
export type SeenIds = ReadonlyMap<string, readonly SeenVersion[]>;

/** What is known of one resource's seen set. */
interface Known {
  /** Ids in the log. */
  logged: IdFilter;
  /** False: the log is all there is. */
  hasEntries: boolean;
}

/**
 * The seen set of a poll store: versions taken over that a poll may still read again.
 *
 * - `seen!{resource}!{id}`: the versions of one id
 * - `seenlog!{resource}!{number} {until when one of them is needed}`: those of all ids of one write
 *   in the midst of a window
 *
 * An entry for each id is most of what a write costs, and of a backlog hardly one outlives its poll:
 * once the window is through, only what a later one may show again has to be kept. So such versions
 * are logged, a filter in memory tells which ids the log lacks, and the log goes into the entries
 * before anything of it is asked for, or once it is pruned.
 */
export class LevelSeen {
  private readonly known = new Map<string, Promise<Known>>();
  /** What is on its way to the disk, by resource, in the order of the writes. */
  private readonly landing = new Map<string, readonly SeenIds[]>();
  private writes = 0;

  constructor(private readonly db: Level) {}

  /** The versions of each id, in the order of `ids`; those of a write under way count. */
  async versions(resource: string, ids: readonly string[]): Promise<SeenVersion[][]> {
    // Looked up before anything is waited for: a write that ends meanwhile leaves no gap.
    const landing = this.landing.get(resource) ?? [];
    const landed = ids.map((id) => landing.findLast((seen) => seen.has(id))?.get(id));
    const asked = ids.filter((_, index) => landed[index] === undefined);
    const { hasEntries } = await this.withEntriesOf(resource, asked);
    const texts = hasEntries ? await this.entries(resource, ids) : [];
    return landed.map((versions, index) => {
      if (versions !== undefined) return [...versions];
      const text = texts[index];
      return text === undefined ? [] : readSeen(resource, text);
    });
  }

  /** Runs a write of these versions, which count as seen meanwhile. */
  async whileLanding(resource: string, seen: SeenIds, write: () => Promise<void>): Promise<void> {
    this.landing.set(resource, [...(this.landing.get(resource) ?? []), seen]);
    try {
      await write();
    } catch (error) {
      // Whether it is on disk is not known.
      this.known.delete(resource);
      throw error;
    } finally {
      const others = this.landing.get(resource)?.filter((other) => other !== seen) ?? [];
      if (others.length > 0) this.landing.set(resource, others);
      else this.landing.delete(resource);
    }
  }

  /** What adds versions in the midst of a window; `logged` follows once it is written. */
  async logging(resource: string, seen: SeenIds): Promise<Operation[]> {
    // What an earlier run has left comes before this.
    await this.knownOf(resource);
    if (seen.size === 0) return [];
    this.writes += 1;
    return [put(seenLogKey(resource, this.writes, neededUntil(seen)), [...seen])];
  }

  /** Notes that these versions are in the log. */
  async logged(resource: string, seen: SeenIds): Promise<void> {
    const { logged } = await this.knownOf(resource);
    for (const id of seen.keys()) logged.add(id);
  }

  /** What adds versions for good. */
  async adding(resource: string, seen: SeenIds): Promise<Operation[]> {
    if (seen.size === 0) return [];
    // Older versions in the log would take the place of these.
    const known = await this.withEntriesOf(resource, [...seen.keys()]);
    known.hasEntries = true;
    return [...seen].map(([id, versions]) => put(seenKey(resource, id), versions));
  }

  /** Forgets versions that no later poll can read again. */
  async prune(resource: string, seenFrom: number): Promise<void> {
    const known = await this.knownOf(resource);
    await guarded('written', async () => {
      if (!known.logged.isEmpty) await this.dropLogged(resource, seenFrom);
      await this.empty(resource, known);
      if (known.hasEntries) await this.pruneEntries(resource, seenFrom);
    });
  }

  /** All of it, some ids at a time. */
  async *slices(
    resource: string,
  ): AsyncGenerator<(readonly [id: string, versions: SeenVersion[]])[]> {
    await this.empty(resource, await this.knownOf(resource));
    const prefix = seenKey(resource, '');
    for await (const pairs of inSlices(this.db.iterator(below(prefix)))) {
      yield pairs.map(([key, text]) => [key.slice(prefix.length), readSeen(resource, text)]);
    }
  }

  async clear(resource: string): Promise<void> {
    this.known.delete(resource);
    await this.db.clear(below(seenKey(resource, '')));
    await this.db.clear(below(seenLogKey(resource)));
  }

  private entries(resource: string, ids: readonly string[]): Promise<(string | undefined)[]> {
    const keys = ids.map((id) => seenKey(resource, id));
    return guarded('read', () => this.db.getMany(keys));
  }

  /** Sees to it that nothing of these ids is in the log. */
  private async withEntriesOf(resource: string, ids: readonly string[]): Promise<Known> {
    const known = await this.knownOf(resource);
    if (ids.some((id) => known.logged.mayHave(id))) await this.empty(resource, known);
    return known;
  }

  /** Brings what the log holds into the entries. */
  private async empty(resource: string, known: Known): Promise<void> {
    if (known.logged.isEmpty) return;
    // Anew before the log is read: what lands from here on is not among what is read.
    known.logged = new IdFilter();
    try {
      known.hasEntries = (await this.emptyLog(resource)) || known.hasEntries;
    } catch (error) {
      this.known.delete(resource);
      throw error;
    }
  }

  /**
   * A crash on the way leaves the rest in the log.
   *
   * @returns true when there was anything
   */
  private emptyLog(resource: string): Promise<boolean> {
    return guarded('written', async () => {
      let found = false;
      for await (const [key, text] of this.db.iterator(below(seenLogKey(resource)))) {
        const entries = readSeenLog(resource, text).map(([id, versions]) =>
          put(seenKey(resource, id), versions),
        );
        await this.db.batch([...entries, del(key)]);
        found = true;
      }
      return found;
    });
  }

  /** Drops those writes from the log of which nothing can be read again. */
  private async dropLogged(resource: string, seenFrom: number): Promise<void> {
    for await (const keys of inSlices(this.db.keys(below(seenLogKey(resource))), CLEAN_UP_STEP)) {
      const over = keys.filter((key) => !mayComeAgain(loggedUntil(key), seenFrom));
      await this.db.batch(over.map(del));
    }
  }

  private async pruneEntries(resource: string, seenFrom: number): Promise<void> {
    let operations: Operation[] = [];
    for await (const [key, text] of this.db.iterator(below(seenKey(resource, '')))) {
      operations.push(...pruning(key, readSeen(resource, text), seenFrom));
      if (operations.length < CLEAN_UP_STEP) continue;
      await this.db.batch(operations);
      operations = [];
    }
    await this.db.batch(operations);
  }

  private knownOf(resource: string): Promise<Known> {
    const known = this.known.get(resource);
    if (known !== undefined) return known;
    const found = this.found(resource);
    this.known.set(resource, found);
    found.catch(() => this.known.delete(resource));
    return found;
  }

  /** What an earlier run left in the log goes into the entries, since its ids are not known. */
  private async found(resource: string): Promise<Known> {
    const hadLog = await this.emptyLog(resource);
    const entries = this.db.keys({ ...below(seenKey(resource, '')), limit: 1 });
    const [first] = hadLog ? [''] : await guarded('read', () => entries.all());
    return { logged: new IdFilter(), hasEntries: first !== undefined };
  }
}

/** When the last of some versions can no longer be read again; null: not before it is replaced. */
function neededUntil(seen: SeenIds): number | null {
  let last = -Infinity;
  for (const versions of seen.values()) {
    for (const [, until] of versions) {
      if (until === null) return null;
      last = Math.max(last, until);
    }
  }
  return last;
}

/** What leaves of an entry what may come again; nothing where that is all of it. */
function pruning(key: string, versions: SeenVersion[], seenFrom: number): Operation[] {
  const kept = versions.filter(([, until]) => mayComeAgain(until, seenFrom));
  if (kept.length === 0) return [del(key)];
  return kept.length === versions.length ? [] : [put(key, kept)];
}
