import type { SimulatedClock } from './clock';
import type { FieldValue, RowFields } from './entities';
import type { CrmRow, Table } from './table';

/** One change as the database took it: what a reader of the API must be able to learn. */
export interface CommittedChange {
  /** Counts from 1 in the order in which changes were written. */
  readonly sequence: number;
  readonly entity: string;
  readonly id: string;
  readonly kind: 'create' | 'update' | 'delete';
  /** The row's version after the change. */
  readonly version: number;
  /** The row's updated date, in UTC; whatever `setRaw` put there instead of a date. */
  readonly stamp: string | null;
  /** Simulated time in milliseconds from which the API shows the change. */
  readonly visibleFrom: number;
  /** The row after the change, or as it last was before its removal; dates in UTC. */
  readonly row: RowFields;
}

/** A change on its way into the log. */
export interface Change {
  kind: CommittedChange['kind'];
  id: number;
  /** The row after the change, or as it last was before its removal. */
  row: CrmRow;
  /** When the transaction ends; at once when left out. */
  commitAt?: number;
}

interface OpenTransaction {
  entry: CommittedChange;
  table: Table;
  id: number;
  /** Undefined for a removal. */
  after: CrmRow | undefined;
}

/**
 * Every change ever written, in order.
 *
 * A change with `commitAt` is a transaction that stays open until then: nobody sees it, and a later
 * change to the same row waits for it, as a row lock makes it wait.
 */
export class CommitLog {
  readonly changes: CommittedChange[] = [];
  private open: OpenTransaction[] = [];

  constructor(private readonly clock: SimulatedClock) {}

  write(table: Table, change: Change): CrmRow {
    const { kind, id, row } = change;
    const now = this.clock.now();
    const visibleFrom = Math.max(now, change.commitAt ?? now, table.lockedUntil(id) ?? now);
    const entry: CommittedChange = {
      sequence: this.changes.length + 1,
      entity: row.entity,
      id: row.id,
      kind,
      version: row.version,
      stamp: stampOf(row.fields[table.definition.updatedColumn]),
      visibleFrom,
      row: row.fields,
    };
    this.changes.push(entry);
    const after = kind === 'delete' ? undefined : row;
    if (visibleFrom > now) {
      table.hold(id, after, visibleFrom);
      this.open.push({ entry, table, id, after });
    } else {
      table.commit(id, after);
    }
    return row;
  }

  /** Ends the transactions whose time has come. */
  settle(): void {
    const now = this.clock.now();
    if (!this.open.some(({ entry }) => entry.visibleFrom <= now)) return;
    const due = this.open.filter(({ entry }) => entry.visibleFrom <= now);
    this.open = this.open.filter(({ entry }) => entry.visibleFrom > now);
    due.sort(
      ({ entry: a }, { entry: b }) => a.visibleFrom - b.visibleFrom || a.sequence - b.sequence,
    );
    for (const { table, id, after } of due) table.commit(id, after);
  }

  /** The changes the API shows by now. */
  visibleChanges(): CommittedChange[] {
    this.settle();
    const hidden = new Set(this.open.map(({ entry }) => entry));
    return this.changes.filter((change) => !hidden.has(change));
  }
}

function stampOf(value: FieldValue | undefined): string | null {
  return value === undefined || value === null ? null : String(value);
}
