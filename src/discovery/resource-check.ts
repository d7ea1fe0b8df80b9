import type { DateColumn, Resource } from '../config/resources';
import { SageCrmError } from '../errors/sagecrm-error';
import type { CrmRecord } from '../event/event';
import { isoDate } from '../event/iso-date';
import { createFieldReader, idText } from '../event/record-fields';
import { nearest } from '../template/nearest';
import { columnsOf, readDates } from './columns';
import { lacksMetadata } from './entities';
import { entityIn } from './list-url';
import type { Session } from './session';
import {
  failed,
  failedBy,
  passed,
  skipped,
  warned,
  type TestFacts,
  type Verdict,
} from './test-step';

/** A column that a resource's configuration names. */
interface Wanted {
  what: string;
  field: string;
}

/** How much of a value that is no date is shown. */
const LONGEST_VALUE = 40;

/** Reads a few records of a resource as a poll would, and looks for what its configuration names. */
export async function checkResource(session: Session, resource: Resource): Promise<Verdict> {
  // Asked before any resource, so that many resources leave enough requests for it.
  await session.literal();
  if (session.options.prober.left <= 0) {
    return skipped('The test has asked the server enough', 'test this resource by itself');
  }
  let rows: readonly CrmRecord[];
  try {
    rows = await session.sample(resource);
  } catch (error) {
    if (!(error instanceof SageCrmError) || error.code !== 'NOT_FOUND') throw error;
    return withEntityHint(failedBy(error), session, resource);
  }
  return judge(session, resource, rows);
}

async function judge(
  session: Session,
  resource: Resource,
  rows: readonly CrmRecord[],
): Promise<Verdict> {
  const absent = columnsWanted(resource).filter(({ field }) => !isIn(rows, field));
  const described = absent.length === 0 ? [] : await describedColumns(session, resource);
  const missing = absent.filter(({ field }) => !includesName(described, field));
  const names = [...new Set([...columnsOf(rows), ...described])];
  if (rows.length === 0 && described.length === 0) {
    return warned(
      `${resource.key} has no record that the user may see`,
      'create one in Sage CRM, or ask its administrator for the right to see them; then test again',
    );
  }
  if (missing.length > 0) return missingColumns(resource, missing, names);
  return unreadableDate(session, resource, rows) ?? summary(session, resource, rows);
}

function columnsWanted(resource: Resource): Wanted[] {
  return [
    { what: 'id', field: resource.idField },
    { what: 'updated date', field: resource.updated.field },
    ...(resource.created ? [{ what: 'created date', field: resource.created.field }] : []),
  ];
}

function isIn(rows: readonly CrmRecord[], field: string): boolean {
  const reader = createFieldReader(field);
  return rows.some((row) => reader.read(row) !== undefined);
}

/** Columns without a value may be missing from records; the server's description has them all. */
async function describedColumns(session: Session, resource: Resource): Promise<string[]> {
  const entity = entityIn(resource);
  const { prober } = session.options;
  if (entity === undefined || prober.left <= 0 || !(await session.answersSData())) return [];
  try {
    return (await session.fields(entity)).map(({ name }) => name);
  } catch (error) {
    if (!lacksMetadata(error)) throw error;
    return [];
  }
}

function includesName(names: readonly string[], field: string): boolean {
  const wanted = field.toLowerCase().replace(/^\$key$/, 'key');
  return names.some((name) => name.toLowerCase() === wanted);
}

function missingColumns(
  resource: Resource,
  missing: readonly Wanted[],
  names: readonly string[],
): Verdict {
  const parts = missing.map(({ what, field }) => ({ what, field, near: nearest(field, names) }));
  const message = parts.map(
    ({ what, field, near }) => `${field} for the ${what}${near ? ` (the nearest is ${near})` : ''}`,
  );
  const remedies = parts
    .filter(({ near }) => near !== undefined)
    .map(({ what, near }) => `set the ${what} to ${near ?? ''}`);
  const steps = remedies.length > 0 ? remedies : ['choose one of the columns that are there'];
  const rights = 'if a name is right, the user may lack the right to see the column';
  return failed(
    `${resource.key} has no column ${message.join(', and none ')}`,
    `${steps.join(', ')}; ${rights}`,
    {
      missing: missing.map(({ field }) => field),
      suggestions: parts.flatMap(({ near }) => (near === undefined ? [] : [near])),
      fields: [...names],
    },
  );
}

function unreadableDate(
  { serverZone }: Session,
  resource: Resource,
  rows: readonly CrmRecord[],
): Verdict | undefined {
  const columns: [string, DateColumn | undefined][] = [
    ['updated', resource.updated],
    ['created', resource.created],
  ];
  for (const [what, column] of columns) {
    const dates = column === undefined ? [] : readDates(rows, column, serverZone);
    const unread = dates.find(({ at }) => at === undefined);
    if (column === undefined || unread === undefined) continue;
    const value = String(unread.value).slice(0, LONGEST_VALUE);
    return failed(
      `${resource.key} has the ${what} date ${value}, which does not fit the format ${column.format}`,
      `set the format of the ${what} date to the way Sage CRM writes it`,
      { value, format: column.format },
    );
  }
  return undefined;
}

function summary({ serverZone }: Session, resource: Resource, rows: readonly CrmRecord[]): Verdict {
  const [updated] = readDates(rows, resource.updated, serverZone);
  const id = rows.map((row) => idText(createFieldReader(resource.idField).read(row)));
  const facts: TestFacts = {
    fields: columnsOf(rows),
    ...(id[0] !== undefined && { id: id[0] }),
    ...(updated?.at !== undefined && { updated: isoDate(updated.at) }),
  };
  if (rows.length > 0 && updated === undefined) {
    return warned(
      `${resource.key} has no date in ${resource.updated.field} in its first records`,
      'check that this is the column Sage CRM fills when a record changes',
      facts,
    );
  }
  return passed(`${resource.key} has its id and its dates`, facts);
}

async function withEntityHint(
  verdict: Verdict,
  session: Session,
  resource: Resource,
): Promise<Verdict> {
  const entity = entityIn(resource);
  const { prober } = session.options;
  if (entity === undefined || prober.left <= 0 || !(await session.answersSData())) return verdict;
  try {
    const names = (await session.entities()).map(({ name }) => name);
    const near = nearest(entity, names);
    if (near === undefined || near.toLowerCase() === entity.toLowerCase()) return verdict;
    const nextStep = `write ${near} in the URL of the resource in place of ${entity}`;
    return { ...verdict, nextStep, facts: { ...verdict.facts, suggestions: [near] } };
  } catch (error) {
    if (!lacksMetadata(error)) throw error;
    return verdict;
  }
}
