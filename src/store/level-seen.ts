import { below, del, guarded, put, type Operation } from './level-operations';
import { inSlices } from './migration/slices';
import type { Level } from './open-level';
import { SEEN, SEEN_LOGS, seenKey, seenLogKey } from './poll-keys';
import type { SeenVersion } from './poll-store';
import { SeenLog, type SeenIds } from './seen-log';
import { mayComeAgain, readSeen } from './seen-versions';

/** What is known of one resource's seen set. */
interface Known {
  log: SeenLog;
  /** False: the log is all there is. */
  hasEntries: boolean;
}

/**
 * The seen set of a poll store: versions taken over that a poll may still read again, as
 * `seen!{resource}!{id}`.
 *
 * An entry for each id is most of what a write costs, and of a backlog hardly one outlives its poll:
 * once the window is through, only what a later one may show again has to be kept. So versions in the
 * midst of a window go into a log, which becomes entries before anything of it is asked for, or once
 * it is pruned.
 */
export class LevelSeen {
  private readonly known = new Map<string, Promise<Known>>();
  /** What is on its way to the disk, by resource, in the order of the writes. */
  private readonly landing = new Map<string, readonly SeenIds[]>();
  private writes = 0;
  /** Whether anything was there for any resource: one look for all, as most nodes have nothing. */
  private left: { logs: boolean; entries: boolean } | undefined;

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
      this.forget(resource);
      throw error;
    } finally {
      const others = this.landing.get(resource)?.filter((other) => other !== seen) ?? [];
      if (others.length > 0) this.landing.set(resource, others);
      else this.landing.delete(resource);
    }
  }

  /** What adds versions in the midst of a window; `logged` follows once it is written. */
  async logging(resource: string, seen: SeenIds): Promise<Operation[]> {
    const { log } = await this.knownOf(resource);
    this.writes += 1;
    return log.adding(this.writes, seen);
  }

  /** Notes that these versions are in the log. */
  async logged(resource: string, seen: SeenIds): Promise<void> {
    const { log } = await this.knownOf(resource);
    log.note(seen);
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
      if (!known.log.isEmpty) await known.log.drop(seenFrom);
      await this.emptyLog(resource, known);
      if (known.hasEntries) await this.pruneEntries(resource, seenFrom);
    });
  }

  /** All of it, some ids at a time. */
  async *slices(
    resource: string,
  ): AsyncGenerator<(readonly [id: string, versions: SeenVersion[]])[]> {
    await this.emptyLog(resource, await this.knownOf(resource));
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
    if (ids.some((id) => known.log.mayHave(id))) await this.emptyLog(resource, known);
    return known;
  }

  private async emptyLog(resource: string, known: Known): Promise<void> {
    if (known.log.isEmpty) return;
    try {
      known.hasEntries = (await guarded('written', () => known.log.empty())) || known.hasEntries;
    } catch (error) {
      this.forget(resource);
      throw error;
    }
  }

  /** Looks anew at what the disk holds before it goes on. */
  private forget(resource: string): void {
    this.known.delete(resource);
    this.left = undefined;
  }

  private async pruneEntries(resource: string, seenFrom: number): Promise<void> {
    for await (const pairs of inSlices(this.db.iterator(below(seenKey(resource, ''))))) {
      const operations = pairs.flatMap(([key, text]) =>
        pruning(key, readSeen(resource, text), seenFrom),
      );
      if (operations.length > 0) await this.db.batch(operations);
    }
  }

  private knownOf(resource: string): Promise<Known> {
    const known = this.known.get(resource);
    if (known !== undefined) return known;
    const found = this.found(resource);
    this.known.set(resource, found);
    found.catch(() => this.known.delete(resource));
    return found;
  }

  /** What an earlier run has left in the log becomes entries, since its ids are not known. */
  private async found(resource: string): Promise<Known> {
    const log = new SeenLog(this.db, resource);
    this.left ??= { logs: await this.has(SEEN_LOGS), entries: await this.has(SEEN) };
    const { logs, entries } = this.left;
    if (logs) await guarded('written', () => log.empty());
    return { log, hasEntries: (logs || entries) && (await this.has(seenKey(resource, ''))) };
  }

  private async has(prefix: string): Promise<boolean> {
    const keys = this.db.keys({ limit: 1, ...below(prefix) });
    return (await guarded('read', () => keys.all())).length > 0;
  }
}

/** What leaves of an entry what may come again; nothing where that is all of it. */
function pruning(key: string, versions: SeenVersion[], seenFrom: number): Operation[] {
  const kept = versions.filter(([, until]) => mayComeAgain(until, seenFrom));
  if (kept.length === 0) return [del(key)];
  return kept.length === versions.length ? [] : [put(key, kept)];
}
