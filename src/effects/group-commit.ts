/**
 * Gathers what comes while a write is under way and writes it at once afterwards, so that many small
 * writes cost as little as one.
 */
export class GroupCommit<Item> {
  private waiting: Item[] = [];
  private tail: Promise<unknown> = Promise.resolve();
  private next: Promise<void> | undefined;

  constructor(private readonly write: (items: readonly Item[]) => Promise<void>) {}

  /** Resolves when the items are written; rejects when the write they were part of failed. */
  add(items: readonly Item[]): Promise<void> {
    this.waiting.push(...items);
    this.next ??= this.afterTail();
    return this.next;
  }

  /** Resolves when nothing is under way any more, whatever came of it. */
  async settled(): Promise<void> {
    await this.tail;
  }

  private afterTail(): Promise<void> {
    const written = this.tail.then(() => {
      const items = this.waiting;
      this.waiting = [];
      this.next = undefined;
      return this.write(items);
    });
    this.tail = written.catch(() => undefined);
    return written;
  }
}
