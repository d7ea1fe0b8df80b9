/** An entry with its place in the order of recording. */
export interface Numbered<Entry> {
  seq: number;
  entry: Entry;
}

/** What has to be written so that the disk holds what the memory does. */
export interface LogChanges<Entry> {
  added: Numbered<Entry>[];
  /** Numbers of entries on disk that are to go. */
  removed: number[];
}

/** The last entries of an endless row, up to a fixed number; adding one takes constant time. */
export class RecentLog<Entry> {
  /** A ring once it is full: the oldest entry is at `start`. */
  private ring: Numbered<Entry>[] = [];
  private start = 0;
  private lastSeq = 0;
  /** Entries up to this number are on disk. */
  private storedSeq = 0;
  private removed: number[] = [];

  constructor(private readonly most: number) {}

  add(entry: Entry): void {
    this.lastSeq += 1;
    this.push({ seq: this.lastSeq, entry });
  }

  *newestFirst(): Generator<Entry> {
    for (const { entry } of this.numberedNewestFirst()) yield entry;
  }

  /** @returns whether there was any */
  removeWhere(isGone: (entry: Entry) => boolean): boolean {
    const all = [...this.numberedNewestFirst()].reverse();
    const kept = all.filter(({ entry }) => !isGone(entry));
    if (kept.length === all.length) return false;
    for (const { seq, entry } of all) if (isGone(entry)) this.noteRemoved(seq);
    this.ring = kept;
    this.start = 0;
    return true;
  }

  /** Puts what an earlier run has stored, in its order, before what was added since. */
  restore(stored: readonly Numbered<Entry>[]): void {
    const since = [...this.newestFirst()].reverse();
    this.ring = [];
    this.start = 0;
    this.lastSeq = stored.at(-1)?.seq ?? 0;
    this.storedSeq = this.lastSeq;
    for (const numbered of stored) this.push(numbered);
    for (const entry of since) this.add(entry);
  }

  get hasChanges(): boolean {
    return this.removed.length > 0 || this.lastSeq > this.storedSeq;
  }

  /** What has changed since the last call, which counts as stored from now on. */
  takeChanges(): LogChanges<Entry> {
    const added: Numbered<Entry>[] = [];
    for (const numbered of this.numberedNewestFirst()) {
      if (numbered.seq <= this.storedSeq) break;
      added.push(numbered);
    }
    const { removed } = this;
    this.removed = [];
    this.storedSeq = this.lastSeq;
    return { added: added.reverse(), removed };
  }

  /** Nothing counts as stored any more. */
  forgetStored(): void {
    this.removed = [];
    this.storedSeq = 0;
  }

  private push(numbered: Numbered<Entry>): void {
    if (this.ring.length < this.most) {
      this.ring.push(numbered);
      return;
    }
    const oldest = this.ring[this.start];
    if (oldest !== undefined) this.noteRemoved(oldest.seq);
    this.ring[this.start] = numbered;
    this.start = (this.start + 1) % this.most;
  }

  private noteRemoved(seq: number): void {
    if (seq <= this.storedSeq) this.removed.push(seq);
  }

  private *numberedNewestFirst(): Generator<Numbered<Entry>> {
    const { length } = this.ring;
    for (let back = 1; back <= length; back += 1) {
      const numbered = this.ring[(this.start + length - back) % length];
      if (numbered !== undefined) yield numbered;
    }
  }
}
