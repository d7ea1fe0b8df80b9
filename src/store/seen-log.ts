import { IdFilter } from './id-filter';
import { below, del, put, type Operation } from './level-operations';
import { inSlices } from './migration/slices';
import type { Level } from './open-level';
import { loggedUntil, seenKey, seenLogKey } from './poll-keys';
import type { SeenVersion } from './poll-store';
import { mayComeAgain, readSeenLog } from './seen-versions';

/** The versions of some ids, as they are after a write. */
export type SeenIds = ReadonlyMap<string, readonly SeenVersion[]>;

/**
 * What one resource has seen in the midst of a window, a write at a time:
 * `seenlog!{resource}!{number} {until when one of its versions is needed}`.
 *
 * Nothing can be asked of it but which ids it lacks: it has to be emptied first.
 */
export class SeenLog {
  private filter = new IdFilter();

  constructor(
    private readonly db: Level,
    private readonly resource: string,
  ) {}

  /** False: nothing of this id is in here. */
  mayHave(id: string): boolean {
    return this.filter.mayHave(id);
  }

  /**
   * What adds versions; `note` follows once it is written.
   *
   * @param write greater than that of any write before in this process
   */
  adding(write: number, seen: SeenIds): Operation[] {
    if (seen.size === 0) return [];
    return [put(seenLogKey(this.resource, write, neededUntil(seen)), [...seen])];
  }

  /** Notes that these versions are in here. */
  note(seen: SeenIds): void {
    for (const id of seen.keys()) this.filter.add(id);
  }

  /**
   * Makes entries by id of all versions. A crash on the way leaves the rest in here.
   *
   * @returns true when there were any
   */
  async empty(): Promise<boolean> {
    // Anew before the log is read: what lands from here on is not among what is read.
    this.filter = new IdFilter();
    let found = false;
    for await (const [key, text] of this.db.iterator(below(seenLogKey(this.resource)))) {
      const entries = readSeenLog(this.resource, text).map(([id, versions]) =>
        put(seenKey(this.resource, id), versions),
      );
      await this.db.batch([...entries, del(key)]);
      found = true;
    }
    return found;
  }

  /** Drops those writes of which nothing can be read again. */
  async drop(seenFrom: number): Promise<void> {
    for await (const keys of inSlices(this.db.keys(below(seenLogKey(this.resource))))) {
      const over = keys.filter((key) => !mayComeAgain(loggedUntil(key), seenFrom));
      if (over.length > 0) await this.db.batch(over.map(del));
    }
  }

  /** True when nothing was added since it was emptied. */
  get isEmpty(): boolean {
    return this.filter.isEmpty;
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
