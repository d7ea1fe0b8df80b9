/**
 * Acknowledgements that came before their event was handed over: a flow may still have messages from
 * before a restart of the poll node, and be done with them before they are emitted once more.
 *
 * They are kept in memory only; after another restart their events come again.
 */
export class EarlyAcknowledgements {
  /** By event id, the first that came in front. */
  private readonly ids = new Set<string>();
  private hasEnded = false;

  /** @param limit how many are kept: the flow cannot hold more messages from before than it may now */
  constructor(private readonly limit: number) {}

  note(eventIds: readonly string[]): void {
    if (this.hasEnded) return;
    for (const id of eventIds) this.ids.add(id);
    for (const id of this.ids) {
      if (this.ids.size <= this.limit) return;
      this.ids.delete(id);
    }
  }

  /** Tells whether an event was acknowledged, and forgets that it was. */
  take(eventId: string): boolean {
    return this.ids.delete(eventId);
  }

  /**
   * Forgets all, and notes none any more: events may have begun anew under the same ids, which a flow
   * that acknowledges an old message knows nothing of.
   */
  end(): void {
    this.hasEnded = true;
    this.ids.clear();
  }
}
