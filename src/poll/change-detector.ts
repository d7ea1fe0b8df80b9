import { changedFields } from '../event/changed-fields';
import type { CrmRecord } from '../event/event';
import type { Change, PollStore, RecordMemory } from '../store/poll-store';
import type { Candidate } from './candidate';
import { eventTypeOf, isSeen, toChange, type EventContext } from './changes';

/** Tells new changes from those taken over before, over one poll of one resource. */
export class ChangeDetector {
  constructor(
    private readonly store: PollStore,
    private readonly context: EventContext,
  ) {}

  /** Those candidates that are new, each once. */
  async detect(candidates: readonly Candidate[]): Promise<Change[]> {
    if (candidates.length === 0) return [];
    const { key: resource, changes } = this.context.resource;
    const seen = await this.store.seenVersions(
      resource,
      candidates.map(({ id }) => id),
    );
    const fresh = new Map<string, Change>();
    const freshIds = new Set<string>();
    candidates.forEach((candidate, index) => {
      const before = seen[index] ?? [];
      if (isSeen(candidate, before)) return;
      const isKnown = before.length > 0 || freshIds.has(candidate.id);
      const type = eventTypeOf(candidate, this.context.resource, isKnown);
      const change = toChange(candidate, type, before, this.context);
      if (fresh.has(change.key)) return;
      fresh.set(change.key, change);
      freshIds.add(candidate.id);
    });
    const found = [...fresh.values()];
    return changes ? this.withChanges(found) : found;
  }

  /** What to remember of these entries beyond the window; undefined: nothing. */
  memoryOf(entries: readonly Change[]): RecordMemory | undefined {
    const { changes, deletes } = this.context.resource;
    if (!changes && deletes === 'off') return undefined;
    const knownIds = deletes === 'off' ? [] : entries.map(({ objectId }) => objectId);
    return { knownIds, versions: changes ? latestVersions(entries) : new Map() };
  }

  /** Compares each entry with the version before it, which may be in the same page. */
  private async withChanges(entries: Change[]): Promise<Change[]> {
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
}

/** Entries come in the order of their dates here, so the last one of an id is its latest. */
function latestVersions(entries: readonly Change[]): Map<string, CrmRecord> {
  return new Map(entries.map(({ objectId, message }) => [objectId, message.payload]));
}
