import { changedFields } from '../event/changed-fields';
import type { CrmRecord } from '../event/event';
import type { JournalEntry, PollStore, RecordMemory } from '../store/poll-store';
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
    const { key: resource, changes } = this.context.resource;
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
    const entries = [...fresh.values()];
    return changes ? this.withChanges(entries) : entries;
  }

  /** What to remember of these entries beyond the window; undefined: nothing. */
  memoryOf(entries: readonly JournalEntry[]): RecordMemory | undefined {
    const { changes, deletes } = this.context.resource;
    if (!changes && deletes === 'off') return undefined;
    const knownIds = deletes === 'off' ? [] : entries.map(({ objectId }) => objectId);
    return { knownIds, versions: changes ? latestVersions(entries) : new Map() };
  }

  /** Compares each entry with the version before it, which may be in the same page. */
  private async withChanges(entries: JournalEntry[]): Promise<JournalEntry[]> {
    entries.sort((one, other) => (one.key < other.key ? -1 : 1));
    const ids = [...new Set(entries.map(({ objectId }) => objectId))];
    const stored = await this.store.records.versions(this.context.resource.key, ids);
    const latest = new Map(ids.map((id, index) => [id, stored[index]]));
    return entries.map((entry) => {
      const { payload, event } = entry.message;
      const before = latest.get(entry.objectId);
      latest.set(entry.objectId, payload);
      if (before === undefined) return entry;
      const changes = changedFields(before, payload);
      return { ...entry, message: { ...entry.message, event: { ...event, changes } } };
    });
  }

  private toEntry(candidate: Candidate, wasEmitted: boolean): JournalEntry {
    const isKnown = wasEmitted || this.createdIds.has(candidate.id);
    const type = eventTypeOf(candidate, this.context.resource, isKnown);
    if (type === 'CREATED') this.createdIds.add(candidate.id);
    return toEntry(candidate, type, this.context);
  }
}

/** Entries come in the order of their dates here, so the last one of an id is its latest. */
function latestVersions(entries: readonly JournalEntry[]): Map<string, CrmRecord> {
  return new Map(entries.map(({ objectId, message }) => [objectId, message.payload]));
}
