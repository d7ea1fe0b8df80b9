import type { Resource } from '../config/resources';
import type { Clock } from '../effects/clock';
import { SageCrmError } from '../errors/sagecrm-error';
import { deletionIdOf } from '../event/fingerprint';
import { idText, type FieldReader } from '../event/record-fields';
import { joinUrl, splitUrl, withoutParameters } from '../sagecrm/request-url';
import type { Source } from '../sagecrm/source';
import type { JournalEntry, PollStore, ResourceState } from '../store/poll-store';
import { entryKey, pollDateAt, toMessage } from './changes';

export interface ReconcilerOptions {
  resource: Resource;
  id: FieldReader;
  source: Source;
  store: PollStore;
  clock: Clock;
  instanceName: string;
  tags: readonly string[];
}

/** Deletions found by one comparison, already journaled. */
export interface Reconciled {
  deletions: number;
}

/** So few records may always vanish at once, whatever share of the known ones they are. */
const ALWAYS_ALLOWED = 3;

/** Parameters that narrow a list or lead into its middle. */
const NARROWING = ['where', 'orderBy', 'nextPage', 'startIndex'];

/**
 * Finds deletions, which no poll by date can see: lists the ids of all records now and then, and
 * takes as deleted what was known and is gone.
 *
 * A list that is half read would delete half the customers, so a deletion counts only when two
 * complete lists in a row lack it, never after an empty or a short one, and beyond a share of the
 * records only when the user confirms it.
 */
export class Reconciler {
  private isConfirmed = false;

  constructor(private readonly options: ReconcilerOptions) {}

  /** Lets the next comparison delete as much as it finds, and makes it due. */
  confirm(): void {
    this.isConfirmed = true;
  }

  /**
   * Compares when it is time.
   *
   * @param url the resource's URL of this poll, with its where clause
   * @throws SageCrmError `LISTING_DOUBTFUL`, `DELETES_UNCONFIRMED`, or what the source throws
   */
  async run(url: string, state: ResourceState, signal: AbortSignal): Promise<Reconciled> {
    const { store, clock, resource } = this.options;
    const last = await store.records.readReconciliation(resource.key);
    const now = clock.now();
    const dueAt = (last?.at ?? -Infinity) + resource.deletesInterval * 60_000;
    // A clock set back must not put the comparison off for longer than an interval.
    const isDue = now >= dueAt || now < (last?.at ?? now);
    if (!isDue && !this.isConfirmed) return { deletions: 0 };
    const first = (last?.listing ?? 0) + 1;
    await this.list(url, first, signal);
    const found = await store.records.absentSince(resource.key, first);
    if (found.absent.length === 0) return this.finish([], state, first);
    this.checkExtent(found, await this.remember(first));
    await this.list(url, first + 1, signal);
    const { absent } = await store.records.absentSince(resource.key, first);
    return this.finish(absent, state, first + 1);
  }

  private async list(url: string, listing: number, signal: AbortSignal): Promise<void> {
    const { source, store, resource, id } = this.options;
    const query = {
      resource: resource.key,
      url: joinUrl(withoutParameters(splitUrl(url), NARROWING)),
      pageSize: resource.pageSize,
      updatedField: resource.updated.field,
      select: resource.updated.field,
    };
    let rows = 0;
    let total: number | undefined;
    for await (const page of source.pages(query, signal)) {
      const ids = page.rows.flatMap((row) => idText(id.read(row)) ?? []);
      if (ids.length < page.rows.length) throw doubtful(resource, 'some records have no id');
      await store.records.markPresent(resource.key, ids, listing);
      rows += page.rows.length;
      total = page.total;
    }
    if (rows === 0) throw doubtful(resource, 'the list of records is empty');
    if (total !== undefined && rows < total) {
      throw doubtful(resource, `the list has ${rows} records, but ${total} were promised`);
    }
  }

  /** The listing counts as done before its extent is judged, so that it is not repeated at once. */
  private async remember(listing: number): Promise<boolean> {
    const { store, resource, clock } = this.options;
    const confirmed = this.isConfirmed;
    this.isConfirmed = false;
    await store.records.writeReconciliation(resource.key, { listing, at: clock.now() });
    return confirmed;
  }

  private checkExtent(found: { known: number; absent: string[] }, confirmed: boolean): void {
    const { resource } = this.options;
    const allowed = Math.max(ALWAYS_ALLOWED, (found.known * resource.deletesLimit) / 100);
    if (confirmed || found.absent.length <= allowed) return;
    throw new SageCrmError(
      'DELETES_UNCONFIRMED',
      `${found.absent.length} of ${found.known} records of ${resource.key} are gone at once`,
      'if they really were deleted, send a message with topic "confirm-deletes"; if not, check the rights of the user and the resource URL',
      { details: { resource: resource.key } },
    );
  }

  private async finish(
    ids: readonly string[],
    state: ResourceState,
    listing: number,
  ): Promise<Reconciled> {
    const { store, resource, clock } = this.options;
    this.isConfirmed = false;
    if (ids.length > 0) {
      const versions = await store.records.versions(resource.key, ids);
      const entries = ids.map((id, index) => this.toEntry(id, versions[index]));
      await store.records.deleted(resource.key, entries, { ...state, phase: 'emitting' });
    }
    await store.records.writeReconciliation(resource.key, { listing, at: clock.now() });
    return { deletions: ids.length };
  }

  /** The payload is the last version known, or the id alone. */
  private toEntry(
    id: string,
    version: JournalEntry['message']['payload'] | undefined,
  ): JournalEntry {
    const { resource, clock, instanceName, tags } = this.options;
    const { key: objectType, idField } = resource;
    const pollDate = pollDateAt(clock.now());
    const message = toMessage(
      { resource, instanceName, tags, pollDate },
      {
        eventId: deletionIdOf(objectType, id, pollDate.text),
        eventType: 'DELETED',
        objectId: id,
        date: pollDate.ms,
        payload: version ?? { [idField]: id },
      },
    );
    return { key: entryKey(pollDate.ms, id, `deleted ${pollDate.ms}`), message };
  }
}

function doubtful(resource: Resource, why: string): SageCrmError {
  return new SageCrmError(
    'LISTING_DOUBTFUL',
    `deletions of ${resource.key} were not looked for, because ${why}`,
    'nothing was taken as deleted; the next comparison tries again',
    { details: { resource: resource.key } },
  );
}
