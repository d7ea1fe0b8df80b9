import type { Resource } from '../config/resources';
import { SageCrmError } from '../errors/sagecrm-error';
import type { CrmRecord } from '../event/event';
import type { Page } from '../sagecrm/source';
import type { RecordReader } from './candidate';

/** How many of a record's columns an error lists. */
const MOST_COLUMNS = 12;

/** Notices columns that a resource names and its records do not have. */
export class ColumnCheck {
  private hasWarned = false;

  constructor(
    private readonly resource: Resource,
    private readonly reader: RecordReader,
    /** Told once, since records without an updated date still come. */
    private readonly warn: (problem: SageCrmError) => void,
  ) {}

  /** @throws SageCrmError `ID_FIELD_MISSING` when no record of the page has an id */
  check(page: Page): void {
    const [first] = page.rows;
    if (first === undefined) return;
    if (!page.rows.some((row) => this.reader.hasId(row))) {
      throw idColumnMissing(this.resource, first);
    }
    if (this.hasWarned || page.rows.some((row) => this.reader.hasUpdatedColumn(row))) return;
    this.hasWarned = true;
    this.warn(updatedColumnMissing(this.resource, first));
  }
}

function idColumnMissing(resource: Resource, record: CrmRecord): SageCrmError {
  return new SageCrmError(
    'ID_FIELD_MISSING',
    `no record of ${resource.key} has the id field ${resource.idField}`,
    `set the id field to one of: ${columns(record)}`,
    { details: { resource: resource.key, field: `resources.${resource.key}.idField` } },
  );
}

/** A warning, not a failure: without the date records still come once, but cannot be ordered. */
function updatedColumnMissing(resource: Resource, record: CrmRecord): SageCrmError {
  const { field } = resource.updated;
  return new SageCrmError(
    'DATE_INVALID',
    `no record of ${resource.key} has the updated date ${field}`,
    `set it to one of: ${columns(record)}; if the name is right, the user may lack the right to see the column`,
    {
      details: {
        resource: resource.key,
        field: `resources.${resource.key}.datesConfiguration.updatedDateField`,
      },
    },
  );
}

function columns(record: CrmRecord): string {
  const names = Object.keys(record);
  const more = names.length > MOST_COLUMNS ? ', …' : '';
  return names.slice(0, MOST_COLUMNS).join(', ') + more;
}
