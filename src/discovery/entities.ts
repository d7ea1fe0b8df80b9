import type { ConfigCredentials, ConfigProperties } from '../config/config-properties';
import { defaultResources } from '../config/defaults';
import type { Clock } from '../effects/clock';
import { SageCrmError, type ErrorCode } from '../errors/sagecrm-error';
import type { CrmRecord } from '../event/event';
import type { CrmAnswer, CrmClient } from '../sagecrm/client';
import { entityOf } from '../sagecrm/entities';
import type { Api } from '../sagecrm/source';
import { mayAskSData } from './api-probe';
import { columnsOf } from './columns';
import { sdataPath } from './list-url';
import { Prober } from './prober';
import { readNames, type FieldType } from './prototypes';

export interface DiscoveredEntity {
  name: string;
  title?: string;
}

export interface DiscoveredField {
  name: string;
  title?: string;
  /** Absent when it is not known. */
  type?: FieldType;
}

export interface DiscoveryOptions {
  client: CrmClient;
  properties: ConfigProperties;
  credentials: ConfigCredentials;
  clock: Clock;
}

/** Where a pick-list's names come from. */
export interface EntityList {
  /** `known`: the server does not list its entities, so these are the ones every Sage CRM has. */
  source: 'prototypes' | 'known';
  entities: DiscoveredEntity[];
}

export interface FieldList {
  /** `sample`: taken from one record, so columns without a value may be missing. */
  source: 'prototypes' | 'sample';
  fields: DiscoveredField[];
}

type Get = (path: string) => Promise<CrmAnswer>;

/** The metadata is not there or not understood; the data itself may be. */
const NO_METADATA: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'NOT_FOUND',
  'NOT_JSON',
  'JSON_CUT',
  'BAD_REQUEST',
  'RESPONSE_SHAPE',
  'SERVER_ERROR',
]);

/** True for an error that leaves another way to learn the same. */
export function lacksMetadata(error: unknown): boolean {
  return error instanceof SageCrmError && NO_METADATA.has(error.code);
}

/**
 * The entities for a pick-list: as Sage CRM lists them, or else the resources of the hub API.
 *
 * @throws SageCrmError when the server is not reached or refuses the log-on
 */
export async function discoverEntities(
  options: DiscoveryOptions,
  signal: AbortSignal,
): Promise<EntityList> {
  const known = Object.keys(defaultResources()).map((name) => ({ name }));
  const { properties, credentials } = options;
  if (!mayAskSData(properties, credentials)) return { source: 'known', entities: known };
  const prober = new Prober(options.client, options.clock, signal);
  try {
    const entities = await readEntities((path) => prober.get(path, 'sdata'), properties.install);
    return { source: 'prototypes', entities };
  } catch (error) {
    if (!lacksMetadata(error)) throw error;
    return { source: 'known', entities: known };
  }
}

/**
 * The columns of an entity for a pick-list, the key first: as Sage CRM describes them, or else those
 * of a sample record.
 *
 * @param entity an entity of Sage CRM or a resource of the hub API
 * @throws SageCrmError when the server is not reached, refuses the log-on or does not know the entity
 */
export async function discoverFields(
  options: DiscoveryOptions & { entity: string },
  signal: AbortSignal,
): Promise<FieldList> {
  const { properties, credentials, entity } = options;
  const prober = new Prober(options.client, options.clock, signal);
  const { install } = properties;
  if (mayAskSData(properties, credentials)) {
    try {
      const fields = await readFields((path) => prober.get(path, 'sdata'), install, entity);
      return { source: 'prototypes', fields };
    } catch (error) {
      if (!lacksMetadata(error)) throw error;
    }
  }
  return { source: 'sample', fields: await sampleFields(prober, options) };
}

export async function readEntities(get: Get, install: string): Promise<DiscoveredEntity[]> {
  const { body } = await get(sdataPath(install, '$prototypes'));
  return readNames(body).map(({ name, title }) => ({ name, ...(title && { title }) }));
}

export async function readFields(
  get: Get,
  install: string,
  entity: string,
): Promise<DiscoveredField[]> {
  const name = encodeURIComponent(entityOf(entity));
  const { body } = await get(sdataPath(install, `$prototypes/${name}`));
  return withKey(readNames(body));
}

type Way = readonly [path: string, api: Api];

function sampleFields(
  prober: Prober,
  { properties, credentials, entity }: DiscoveryOptions & { entity: string },
): Promise<DiscoveredField[]> {
  const name = encodeURIComponent(entityOf(entity));
  const hub: Way = [`/hubs/crm/${encodeURIComponent(entity)}?pageSize=1`, 'hub'];
  const sdata: Way = [`${sdataPath(properties.install, name)}?count=1`, 'sdata'];
  if (!mayAskSData(properties, credentials)) return firstSample(prober, hub);
  return firstSample(prober, sdata, ...(properties.api === 'sdata' ? [] : [hub]));
}

async function firstSample(
  prober: Prober,
  [path, api]: Way,
  ...others: Way[]
): Promise<DiscoveredField[]> {
  try {
    return fieldsOf(await prober.rows(path, api));
  } catch (error) {
    const [next, ...rest] = others;
    if (next === undefined || !lacksMetadata(error)) throw error;
    return firstSample(prober, next, ...rest);
  }
}

function fieldsOf(rows: readonly CrmRecord[]): DiscoveredField[] {
  return withKey(
    columnsOf(rows).map((name) => {
      const type = rows.map((row) => typeOfValue(row[name])).find((found) => found !== undefined);
      return { name, ...(type && { type }) };
    }),
  );
}

/** The record's number is no column of its own, yet the best id there is. */
function withKey(fields: readonly DiscoveredField[]): DiscoveredField[] {
  return [{ name: 'key' }, ...fields.filter(({ name }) => name !== 'key')];
}

function typeOfValue(value: unknown): FieldType | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return typeof value as FieldType;
  if (typeof value !== 'string' || value === '') return undefined;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) ? 'date' : 'text';
}
