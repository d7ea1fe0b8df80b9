import type {
  Change,
  JournalEntry,
  PollStore,
  ResourceState,
  SeenVersion,
} from '../../../../src/store/poll-store';

interface ResourceModel {
  state: ResourceState | undefined;
  journal: Map<string, JournalEntry>;
  seen: Map<string, SeenVersion[]>;
}

/** The part of a poll store that the model covers. */
export type Journal = Omit<PollStore, 'records' | 'startedAt' | 'rest' | 'close'>;

/** What the poll store should do, in plain maps: the other side of a model test. */
export class ModelStore implements Journal {
  private readonly resources = new Map<string, ResourceModel>();

  readState(resource: string): Promise<ResourceState | undefined> {
    return Promise.resolve(this.of(resource).state);
  }

  seenVersions(resource: string, ids: readonly string[]): Promise<SeenVersion[][]> {
    return Promise.resolve(ids.map((id) => this.of(resource).seen.get(id) ?? []));
  }

  append(resource: string, changes: readonly Change[], state: ResourceState): Promise<void> {
    const model = this.of(resource);
    for (const change of changes) {
      model.journal.set(change.key, { key: change.key, message: change.message });
      this.see(model, change, state.seenFrom);
    }
    model.state = state;
    return Promise.resolve();
  }

  readJournal(resource: string, limit: number, after = ''): Promise<JournalEntry[]> {
    const entries = [...this.of(resource).journal.values()];
    const sorted = entries.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    const behind = sorted.filter(
      ({ key }) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0,
    );
    return Promise.resolve(behind.slice(0, limit));
  }

  strikeOff(resource: string, keys: readonly string[]): Promise<void> {
    const { journal } = this.of(resource);
    for (const key of keys) journal.delete(key);
    return Promise.resolve();
  }

  pruneSeen(resource: string, seenFrom: number): Promise<void> {
    const { seen } = this.of(resource);
    for (const [id, versions] of seen) {
      const kept = versions.filter(([, until]) => !isOver(until, seenFrom));
      if (kept.length === 0) seen.delete(id);
      else seen.set(id, kept);
    }
    return Promise.resolve();
  }

  restart(resource: string, state: ResourceState): Promise<void> {
    this.resources.set(resource, { state, journal: new Map(), seen: new Map() });
    return Promise.resolve();
  }

  private see(
    { seen }: ResourceModel,
    { objectId, hash, seenUntil }: Change,
    seenFrom: number | null,
  ): void {
    if (isOver(seenUntil, seenFrom)) return;
    const others = (seen.get(objectId) ?? []).filter(([, until]) => !isOver(until, seenFrom));
    const undated = seenUntil === null;
    const kept = others.filter(([other, until]) => other !== hash && !(undated && until === null));
    seen.set(objectId, [...kept, [hash, seenUntil]]);
  }

  private of(resource: string): ResourceModel {
    const known = this.resources.get(resource);
    if (known !== undefined) return known;
    const fresh: ResourceModel = { state: undefined, journal: new Map(), seen: new Map() };
    this.resources.set(resource, fresh);
    return fresh;
  }
}

/** True when no window that starts at `seenFrom` can show the version again. */
function isOver(until: number | null, seenFrom: number | null): boolean {
  return until !== null && seenFrom !== null && until < seenFrom;
}
