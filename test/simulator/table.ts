import type { EntityDefinition, ColumnType, FieldValue, RowFields } from './entities';

/** One version of one record; an update makes a new one. */
export interface CrmRow {
  readonly entity: string;
  readonly id: string;
  /** 1 after the creation, one more with every change. */
  readonly version: number;
  readonly fields: RowFields;
}

interface UncommittedRow {
  /** Undefined when the change is a removal. */
  row: CrmRow | undefined;
  visibleFrom: number;
}

/** The rows of one entity: what everybody sees, and what transactions under way have written. */
export class Table {
  /** Committed rows by number. */
  readonly visible = new Map<number, CrmRow>();
  /** Goes up with every visible change, so that a cached query knows when it is stale. */
  revision = 0;

  private readonly uncommitted = new Map<number, UncommittedRow>();
  private readonly columnTypes = new Map<string, ColumnType>();
  private readonly columnNames = new Map<string, string>();
  private lastId = 0;

  constructor(readonly definition: EntityDefinition) {
    for (const [name, type] of Object.entries(definition.columns)) this.addColumn(name, type);
  }

  /** The columns in their own case, with their types. */
  columns(): ReadonlyMap<string, ColumnType> {
    return this.columnTypes;
  }

  /** A column by its name in any case. */
  column(name: string): { name: string; type: ColumnType } | undefined {
    const known = this.columnNames.get(name.toLowerCase());
    const type = known === undefined ? undefined : this.columnTypes.get(known);
    return known === undefined || type === undefined ? undefined : { name: known, type };
  }

  /** Adds what is missing, as an administrator adds a custom field, and gives names their case. */
  withKnownColumns(fields: RowFields): RowFields {
    return Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [
        this.column(name)?.name ?? this.addColumn(name, typeOf(value)),
        value,
      ]),
    );
  }

  /** Hands out the next number, or takes the one asked for. */
  takeId(wanted?: number): number {
    const id = wanted ?? this.lastId + 1;
    this.lastId = Math.max(this.lastId, id);
    return id;
  }

  /** The newest version of a row, committed or not. */
  newest(id: number): CrmRow | undefined {
    const uncommitted = this.uncommitted.get(id);
    return uncommitted === undefined ? this.visible.get(id) : uncommitted.row;
  }

  /** When the transaction that holds a row ends; undefined when none does. */
  lockedUntil(id: number): number | undefined {
    return this.uncommitted.get(id)?.visibleFrom;
  }

  hold(id: number, row: CrmRow | undefined, visibleFrom: number): void {
    this.uncommitted.set(id, { row, visibleFrom });
  }

  commit(id: number, row: CrmRow | undefined): void {
    if (row === undefined) this.visible.delete(id);
    else this.visible.set(id, row);
    if (this.uncommitted.get(id)?.row === row) this.uncommitted.delete(id);
    this.revision += 1;
  }

  private addColumn(name: string, type: ColumnType): string {
    this.columnTypes.set(name, type);
    this.columnNames.set(name.toLowerCase(), name);
    return name;
  }
}

function typeOf(value: FieldValue): ColumnType {
  if (typeof value === 'number' || typeof value === 'boolean') return typeof value as ColumnType;
  return 'text';
}
