/** A record as Sage CRM sent it: column names in the server's own case. */
export type CrmRecord = Readonly<Record<string, unknown>>;

export type EventType = 'CREATED' | 'UPDATED' | 'DELETED';

/** What an update changed, by column. */
export type FieldChanges = Record<string, { from: unknown; to: unknown }>;

/** The standardized description of one change to one record. Dates are ISO 8601 in UTC. */
export interface RecordEvent {
  /** The same for the same change, always: across retries, restarts and replays. */
  eventId: string;
  eventType: EventType;
  /** The resource key, such as `accounts`. */
  objectType: string;
  objectId: string;
  /** The record's updated date; of a deletion, when it was found. */
  date: string;
  pollDate: string;
  elementKey: 'sagecrm';
  hubKey: 'crm';
  instanceName: string;
  tags: string[];
  /** Only where the resource asks for it, and the version before is known. */
  changes?: FieldChanges;
}

/** What a flow receives for each change; also what the journal keeps. */
export interface EventMessage {
  topic: string;
  payload: CrmRecord;
  event: RecordEvent;
}
