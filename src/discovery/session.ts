import type { Zone } from 'luxon';
import type { ConfigCredentials, ConfigProperties } from '../config/config-properties';
import type { Resource } from '../config/resources';
import type { CrmRecord } from '../event/event';
import type { DateLiteral } from '../sagecrm/sdata-translation';
import type { Api } from '../sagecrm/source';
import { resolveZone } from '../template/zone';
import { probeApis, SAMPLE_SIZE, type ApiFindings } from './api-probe';
import { columnNamed, readDates } from './columns';
import { readEntities, readFields, type DiscoveredEntity, type DiscoveredField } from './entities';
import { fixedApiOf, LONG_AGO, pollUrl, type ListForm } from './list-url';
import { probeLiteral, type LiteralFinding } from './literal-probe';
import { probeOrder, type OrderFinding } from './order-probe';
import type { Prober } from './prober';

/** How far back the second and third look for freshly changed records go. */
const RECENT_WINDOWS_MS = [15 * 60_000, 24 * 3_600_000];

export interface SessionOptions {
  prober: Prober;
  properties: ConfigProperties;
  credentials: ConfigCredentials;
  /** The resource whose records the questions about the server are put to. */
  probe: Resource;
}

/**
 * What one connection test has learned about a server. Each thing is asked once, when it is first
 * wanted, and remembered.
 */
export class Session {
  readonly serverZone: Zone;
  private readonly known = new Map<string, Promise<unknown>>();

  constructor(readonly options: SessionOptions) {
    this.serverZone = resolveZone(options.properties.timezone);
  }

  apis(): Promise<ApiFindings> {
    return this.once('apis', () => {
      const { prober, properties, credentials, probe } = this.options;
      return probeApis({ prober, properties, credentials, resource: probe });
    });
  }

  /** The API that polls would use. */
  async apiInUse(): Promise<Api | undefined> {
    return (await this.apis()).answers[0]?.api;
  }

  async answersSData(): Promise<boolean> {
    return (await this.apis()).answers.some(({ api }) => api === 'sdata');
  }

  /** The first records that came. */
  async firstRows(): Promise<readonly CrmRecord[]> {
    return (await this.apis()).answers[0]?.rows ?? [];
  }

  /** Undefined unless Sage CRM's own API is in use and the records have the column. */
  order(): Promise<OrderFinding | undefined> {
    return this.once('order', async () => {
      const column = await this.dateColumn();
      if (column === undefined) return undefined;
      const { prober, probe } = this.options;
      return probeOrder(prober, probe, column, this.form('sdata'));
    });
  }

  /** Undefined unless Sage CRM's own API is in use and the records have dates. */
  literal(): Promise<LiteralFinding | undefined> {
    return this.once('literal', async () => {
      const column = await this.dateColumn();
      if (column === undefined) return undefined;
      const { prober, probe } = this.options;
      return probeLiteral(prober, probe, column, this.form('sdata'));
    });
  }

  entities(): Promise<DiscoveredEntity[]> {
    return this.once('entities', () => {
      const { prober, properties } = this.options;
      return readEntities((path) => prober.get(path, 'sdata'), properties.install);
    });
  }

  fields(entity: string): Promise<DiscoveredField[]> {
    return this.once(`fields of ${entity}`, () => {
      const { prober, properties } = this.options;
      return readFields((path) => prober.get(path, 'sdata'), properties.install, entity);
    });
  }

  /** A few records of a resource, with its own question from the beginning of time. */
  sample(resource: Resource): Promise<readonly CrmRecord[]> {
    return this.poll(resource, LONG_AGO);
  }

  /** Records that are likely to have been changed lately. */
  async recentRows(): Promise<readonly CrmRecord[]> {
    const { prober, probe } = this.options;
    const order = await this.order();
    if (order?.honoured === true) return order.newest;
    for (const window of RECENT_WINDOWS_MS) {
      const rows = await this.poll(probe, prober.now - window);
      if (rows.length > 0) return rows;
    }
    return [];
  }

  private async poll(resource: Resource, from: number): Promise<readonly CrmRecord[]> {
    const { prober } = this.options;
    const api = fixedApiOf(resource) ?? (await this.apiInUse()) ?? 'hub';
    const translated = api === 'sdata' && fixedApiOf(resource) === undefined;
    // A style that is set is what polls use, whether or not it works.
    const open = translated && this.options.properties.dateLiteral === 'auto';
    const form = this.form(api, open ? (await this.literal())?.literal : undefined);
    return prober.rows(pollUrl(resource, { from, now: prober.now }, form, SAMPLE_SIZE), api);
  }

  private async dateColumn(): Promise<string | undefined> {
    if ((await this.apiInUse()) !== 'sdata') return undefined;
    const rows = await this.firstRows();
    const { updated } = this.options.probe;
    const hasDates = readDates(rows, updated, this.serverZone).length > 0;
    return hasDates ? columnNamed(rows, updated.field) : undefined;
  }

  private form(api: Api, found: DateLiteral = '@'): ListForm {
    const { install, literalZone, dateLiteral } = this.options.properties;
    return {
      api,
      install,
      serverZone: this.serverZone,
      ...(literalZone !== '' && { literalZone: resolveZone(literalZone) }),
      dateLiteral: dateLiteral === 'auto' ? found : dateLiteral,
    };
  }

  private once<Value>(name: string, ask: () => Promise<Value>): Promise<Value> {
    const known = this.known.get(name) as Promise<Value> | undefined;
    if (known !== undefined) return known;
    const asked = ask();
    this.known.set(name, asked);
    return asked;
  }
}
