import type { CrmRecord, EventMessage } from './event';
import { isoDate } from './iso-date';

/** Where a sample event seems to come from. */
export interface SampleSource {
  /** The resource key, such as `accounts`. */
  resource: string;
  instanceName: string;
  tags: string[];
}

const NAME = 'Müller & Söhne';
const FIRST_ID = 43;
/** A poll finds a change this long after it. */
const FOUND_AFTER_MS = 30_000;

/** The column with the name of a record, in the resources that Open Connectors documents. */
const NAME_COLUMNS: Readonly<Record<string, string>> = {
  accounts: 'Comp_Name',
  contacts: 'Pers_LastName',
  leads: 'Lead_CompanyName',
  opportunities: 'Oppo_Description',
  users: 'User_LastName',
};

/**
 * The record of a test event says so itself, because in some formats the record is all there is in the
 * body. No column of Sage CRM has this name.
 */
const TEST_MARK: CrmRecord = { sagecrmTest: true };

/**
 * A message as a poll node emits it, of a record that is made up.
 *
 * @param index counts the records of one webhook, from 0
 * @param at when the change is found, ms since the Unix epoch
 */
export function sampleMessage(
  eventId: string,
  source: SampleSource,
  at: number,
  index = 0,
): EventMessage {
  const { resource, instanceName, tags } = source;
  const objectId = String(FIRST_ID + index);
  const column = NAME_COLUMNS[resource];
  return {
    topic: resource,
    payload: { key: objectId, ...(column === undefined ? {} : { [column]: NAME }) },
    event: {
      eventId,
      eventType: 'UPDATED',
      objectType: resource,
      objectId,
      date: isoDate(at - FOUND_AFTER_MS),
      pollDate: isoDate(at),
      elementKey: 'sagecrm',
      hubKey: 'crm',
      instanceName,
      tags,
    },
  };
}

/**
 * A sample that a receiver can tell from an event: its id begins with `test-`, and the record has the
 * column `sagecrmTest`.
 *
 * @param unique in visible ASCII; makes the id another one for each test
 */
export function testMessage(unique: string, source: SampleSource, at: number): EventMessage {
  const message = sampleMessage(`test-${unique}`, source, at);
  return { ...message, payload: { ...message.payload, ...TEST_MARK } };
}
