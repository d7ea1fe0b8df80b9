import { DateTime } from 'luxon';
import type { SimulatedClock } from './clock';
import { CommitLog, type CommittedChange } from './commit-log';
import {
  describeEntity,
  STANDARD_ENTITIES,
  type CustomEntity,
  type EntityDefinition,
  type FieldValue,
  type RowFields,
} from './entities';
import { seedFields } from './seed-data';
import { canonicalDate, isCanonicalDate } from './server-dates';
import { Table, type CrmRow } from './table';

export interface ChangeOptions {
  /** The date written on the row, when it is not the simulated time. ISO text or milliseconds. */
  stamp?: string | number;
  /** Simulated time in milliseconds when the change becomes visible: a late commit. */
  commitAt?: number;
}

export interface BulkOptions {
  /** One date for all rows (a tie group), or one for each. */
  stamp?: string | number | ((index: number) => string | number);
  commitAt?: number;
}

/** How many records of each standard entity to create. */
export interface SeedCounts {
  companies?: number;
  people?: number;
  leads?: number;
  opportunities?: number;
  users?: number;
}

/**
 * The records of the simulated Sage CRM, and a log of every change as the oracle of tests. Dates
 * given to `create` and `update` are cut to whole seconds, as Sage CRM cuts them.
 */
export class SimulatedCrm {
  private readonly tables = new Map<string, Table>();
  private readonly log: CommitLog;

  constructor(private readonly clock: SimulatedClock) {
    this.log = new CommitLog(clock);
    for (const definition of STANDARD_ENTITIES) this.addTable(definition);
  }

  /** All changes in the order in which they were written, visible or not yet. */
  get commitLog(): readonly CommittedChange[] {
    return this.log.changes;
  }

  /** The part of the log that the API shows by now. */
  visibleChanges(): CommittedChange[] {
    return this.log.visibleChanges();
  }

  /** Adds a custom entity; the hub API serves it under its own name. */
  defineEntity(name: string, custom: CustomEntity): void {
    this.addTable(describeEntity(name, custom));
  }

  /** Creates a record with believable values for whatever `fields` leaves out. */
  create(entity: string, fields: RowFields = {}, options: ChangeOptions = {}): CrmRow {
    return this.insert(this.table(entity), fields, options);
  }

  update(
    entity: string,
    id: string | number,
    fields: RowFields = {},
    options: ChangeOptions = {},
  ): CrmRow {
    const table = this.table(entity);
    const before = this.existing(table, id);
    const stamp = toStored(options.stamp ?? this.clock.now());
    return this.log.write(table, {
      kind: 'update',
      id: Number(id),
      row: {
        ...before,
        version: before.version + 1,
        fields: {
          ...before.fields,
          [table.definition.updatedColumn]: stamp,
          ...withStoredDates(table, fields),
        },
      },
      commitAt: options.commitAt,
    });
  }

  /** Deletes softly: the row stays in the log and vanishes from both APIs. */
  remove(entity: string, id: string | number): void {
    const table = this.table(entity);
    const before = this.existing(table, id);
    const row = { ...before, version: before.version + 1 };
    this.log.write(table, { kind: 'delete', id: Number(id), row });
  }

  /**
   * Writes columns exactly as given: a null, future, malformed or backward date, say. The updated
   * date stays as it is unless it is among them. With `silent` the log does not learn of it.
   */
  setRaw(
    entity: string,
    id: string | number,
    fields: RowFields,
    options: { silent?: boolean } = {},
  ): CrmRow {
    const table = this.table(entity);
    const before = this.existing(table, id);
    const changed = { ...before.fields, ...table.withKnownColumns(fields) };
    if (options.silent === true) {
      const row = { ...before, fields: changed };
      table.commit(Number(id), row);
      return row;
    }
    const row = { ...before, version: before.version + 1, fields: changed };
    return this.log.write(table, { kind: 'update', id: Number(id), row });
  }

  /** Creates `count` records fast; a million takes seconds. */
  many(
    entity: string,
    count: number,
    fields: RowFields | ((index: number) => RowFields) = {},
    options: BulkOptions = {},
  ): CrmRow[] {
    const table = this.table(entity);
    const { stamp = this.clock.now(), commitAt } = options;
    return Array.from({ length: count }, (_, index) =>
      this.insert(table, typeof fields === 'function' ? fields(index) : fields, {
        stamp: typeof stamp === 'function' ? stamp(index) : stamp,
        commitAt,
      }),
    );
  }

  /** Fills the standard entities with so many believable records each. */
  seed(counts: SeedCounts, options: BulkOptions = {}): void {
    this.many('company', counts.companies ?? 0, {}, options);
    this.many('person', counts.people ?? 0, {}, options);
    this.many('lead', counts.leads ?? 0, {}, options);
    this.many('opportunity', counts.opportunities ?? 0, {}, options);
    this.many('users', counts.users ?? 0, {}, options);
  }

  /** The record as the API shows it at the moment; dates in UTC. */
  row(entity: string, id: string | number): CrmRow | undefined {
    this.log.settle();
    return this.table(entity).visible.get(Number(id));
  }

  /** The records the API shows at the moment. */
  rows(entity: string): CrmRow[] {
    this.log.settle();
    return [...this.table(entity).visible.values()];
  }

  /** The tables of all entities. */
  allTables(): Table[] {
    return [...this.tables.values()];
  }

  /** An entity's table with every commit that is due made visible; the name in any case. */
  findTable(entity: string): Table | undefined {
    this.log.settle();
    return this.tables.get(entity.toLowerCase());
  }

  private addTable(definition: EntityDefinition): void {
    this.tables.set(definition.name.toLowerCase(), new Table(definition));
  }

  private table(entity: string): Table {
    const table = this.tables.get(entity.toLowerCase());
    if (table === undefined) throw new Error(`There is no entity "${entity}".`);
    return table;
  }

  private existing(table: Table, id: string | number): CrmRow {
    this.log.settle();
    const row = table.newest(Number(id));
    if (row === undefined) throw new Error(`There is no ${table.definition.name} ${id}.`);
    return row;
  }

  private insert(table: Table, fields: RowFields, options: ChangeOptions): CrmRow {
    const { name, idColumn, createdColumn, updatedColumn } = table.definition;
    const given = withStoredDates(table, fields);
    const wanted = given[idColumn];
    const id = table.takeId(typeof wanted === 'number' ? wanted : undefined);
    if (table.newest(id) !== undefined) throw new Error(`There is already a ${name} ${id}.`);
    const stamp = toStored(options.stamp ?? this.clock.now());
    // Assigned one by one: for a bulk of a million that is several times faster than spreading.
    const columns: Record<string, FieldValue> = { [idColumn]: id };
    Object.assign(columns, seedFields(name, id));
    columns[createdColumn] = stamp;
    columns[updatedColumn] = stamp;
    Object.assign(columns, given);
    const row: CrmRow = { entity: name, id: String(id), version: 1, fields: columns };
    return this.log.write(table, { kind: 'create', id, row, commitAt: options.commitAt });
  }
}

/** Fields with the columns' own case and the dates as the database keeps them. */
function withStoredDates(table: Table, fields: RowFields): RowFields {
  if (Object.keys(fields).length === 0) return fields;
  const known = Object.entries(table.withKnownColumns(fields));
  return Object.fromEntries(
    known.map(([name, value]) => [
      name,
      table.columns().get(name) === 'date' ? toStoredOrNull(value) : value,
    ]),
  );
}

function toStoredOrNull(value: FieldValue): string | null {
  if (value === null) return null;
  if (typeof value === 'boolean') throw new Error(`${value} is not a date.`);
  return toStored(value);
}

function toStored(date: string | number): string {
  if (typeof date === 'number') return canonicalDate(date);
  if (isCanonicalDate(date)) return date;
  const instant = DateTime.fromISO(date, { zone: 'utc' });
  if (!instant.isValid) throw new Error(`"${date}" is not an ISO 8601 date; use setRaw for such.`);
  return canonicalDate(instant.toMillis());
}
