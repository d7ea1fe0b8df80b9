import type { JournalEntry, PollStore } from '../store/poll-store';
import { BoundedSet } from './bounded-set';
import type { Candidate } from './candidate';
import { eventTypeOf, isSeen, toEntry, type EventContext } from './changes';

/** Ids remembered within one poll; enough for what can be created and edited while it runs. */
const MOST_CREATED_IDS = 10_000;

/** Tells new changes from those emitted or journaled before, over one poll of one resource. */
export class ChangeDetector {
  private readonly createdIds = new BoundedSet<string>(MOST_CREATED_IDS);

  constructor(
    private readonly store: PollStore,
    private readonly context: EventContext,
  ) {}

  /**
   * The entries for those candidates that are new, each once.
   *
   * @param journalMayHold false when the journal is known to be empty, which saves a look-up
   */
  async detect(candidates: readonly Candidate[], journalMayHold: boolean): Promise<JournalEntry[]> {
    if (candidates.length === 0) return [];
    const { key: resource } = this.context.resource;
    const seen = await this.store.seenVersions(
      resource,
      candidates.map(({ id }) => id),
    );
    const fresh = new Map<string, JournalEntry>();
    candidates.forEach((candidate, index) => {
      const versions = seen[index] ?? [];
      if (isSeen(candidate, versions)) return;
      const entry = this.toEntry(candidate, versions.length > 0);
      if (!fresh.has(entry.key)) fresh.set(entry.key, entry);
    });
    if (journalMayHold && fresh.size > 0) {
      const held = await this.store.journaled(resource, [...fresh.keys()]);
      for (const key of held) fresh.delete(key);
    }
    return [...fresh.values()];
  }

  private toEntry(candidate: Candidate, wasEmitted: boolean): JournalEntry {
    const isKnown = wasEmitted || this.createdIds.has(candidate.id);
    const type = eventTypeOf(candidate, this.context.resource, isKnown);
    if (type === 'CREATED') this.createdIds.add(candidate.id);
    return toEntry(candidate, type, this.context);
  }
}
