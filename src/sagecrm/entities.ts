/** What Sage CRM calls the hub's resources; any other name is an entity already. */
const ENTITIES: Readonly<Record<string, string>> = {
  accounts: 'company',
  contacts: 'person',
  leads: 'lead',
  opportunities: 'opportunity',
  users: 'users',
};

/** The Sage CRM entity of a hub resource, such as `company` for `accounts`. */
export function entityOf(resource: string): string {
  const name = resource.toLowerCase();
  return Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] ?? resource) : resource;
}

const HUB_PATH = /^\/hubs\/crm\/([^/?]+)\/?$/i;
const SDATA_PATH = /\/sdata\//i;

/** The resource in a hub path (`/hubs/crm/accounts` → `accounts`); undefined for any other path. */
export function hubResourceIn(path: string): string | undefined {
  const name = HUB_PATH.exec(path)?.[1];
  if (name === undefined) return undefined;
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

/** True for a path of Sage CRM's own REST API, which is always used as written. */
export function isSDataPath(path: string): boolean {
  return SDATA_PATH.test(path);
}
