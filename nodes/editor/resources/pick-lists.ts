import type {
  DiscoveredEntity,
  DiscoveredField,
  EntityList,
  FieldList,
} from '../../../src/discovery/entities';
import { AdminFailure, mayWrite, postAdmin } from '../admin-api';
import type { NodeValues } from '../node-values';

const PERMISSION = 'sagecrm-config.write';

/**
 * These failures are the same for every list, and a refused log-on must not be tried again: Sage CRM
 * locks accounts.
 */
const FOR_ALL: ReadonlySet<string> = new Set([
  'LOGON_REFUSED',
  'UNREACHABLE',
  'TIMEOUT',
  'TLS_FAILED',
  'CONFIG_INVALID',
  'NOT_ALLOWED',
]);

/** What a pick-list offers; `problem` says why the server could not be asked. */
export interface PickList<Item> {
  items: readonly Item[];
  problem?: AdminFailure;
}

/**
 * Names for the pick-lists of one dialog, asked from the chosen server once each. Without a server,
 * or the right to ask it, the lists are empty.
 */
export class PickLists {
  readonly #server: () => NodeValues | undefined;
  readonly #known = new Map<string, Promise<PickList<unknown>>>();
  /** Failures that hold for everything asked of a server, by its values. */
  readonly #failures = new Map<string, AdminFailure>();

  /** @param server the chosen server as the editor holds it now */
  constructor(server: () => NodeValues | undefined) {
    this.#server = server;
  }

  entities(): Promise<PickList<DiscoveredEntity>> {
    return this.#once('entities', async (server) => {
      const { entities } = await postAdmin<EntityList>('/sagecrm-config/entities', server);
      return entities;
    });
  }

  /** @param entity an entity of Sage CRM or a resource of the hub API */
  fields(entity: string): Promise<PickList<DiscoveredField>> {
    return this.#once(`fields of ${entity}`, async (server) => {
      const body = { ...server, entity };
      const { fields } = await postAdmin<FieldList>('/sagecrm-config/fields', body);
      return fields;
    });
  }

  #once<Item>(name: string, ask: (server: NodeValues) => Promise<Item[]>): Promise<PickList<Item>> {
    const server = this.#server();
    if (server === undefined || !mayWrite(PERMISSION)) return Promise.resolve({ items: [] });
    const asWritten = JSON.stringify(server);
    const known = this.#known.get(name + asWritten) as Promise<PickList<Item>> | undefined;
    if (known !== undefined) return known;
    const asked = this.#listOf(asWritten, () => ask(server));
    this.#known.set(name + asWritten, asked);
    return asked;
  }

  async #listOf<Item>(server: string, ask: () => Promise<Item[]>): Promise<PickList<Item>> {
    const before = this.#failures.get(server);
    if (before !== undefined) return { items: [], problem: before };
    try {
      return { items: await ask() };
    } catch (error) {
      if (!(error instanceof AdminFailure)) throw error;
      if (FOR_ALL.has(error.code)) this.#failures.set(server, error);
      return { items: [], problem: error };
    }
  }
}
