import {
  configCredentialsSchema,
  configPropertiesSchema,
  type ConfigCredentials,
  type ConfigProperties,
} from '../../../src/config/config-properties';
import { defaultResources } from '../../../src/config/defaults';
import { resourcesSchema, type RawResource, type Resource } from '../../../src/config/resources';
import { parseServerAddress } from '../../../src/config/server-address';
import { testConnection, type TestStep } from '../../../src/discovery/connection-test';
import type { DiscoveryOptions } from '../../../src/discovery/entities';
import { createAgents } from '../../../src/http/agents';
import { CrmClient } from '../../../src/sagecrm/client';
import { SimulatedClock } from '../../simulator/clock';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator/simulator';
import { ManualClock } from '../../support/manual-clock';

export const NOW = '2026-01-31T10:00:00Z';

/** A simulated server and a client for it, both at the same standing time. */
export class DiscoveryRig {
  readonly clock = new ManualClock(NOW);
  readonly abort = new AbortController();
  private readonly clients: CrmClient[] = [];

  private constructor(readonly simulator: Simulator) {}

  static async start(options: SimulatorOptions = {}): Promise<DiscoveryRig> {
    return new DiscoveryRig(await startSimulator({ clock: SimulatedClock.at(NOW), ...options }));
  }

  /** Creates `count` companies, changed one minute after the other, the last one just now. */
  companies(count: number): void {
    const { crm, clock } = this.simulator;
    crm.many('company', count, {}, { stamp: (n) => clock.now() - (count - 1 - n) * 60_000 });
  }

  options(
    properties: Partial<ConfigProperties> = {},
    credentials: Partial<ConfigCredentials> = {},
  ): DiscoveryOptions {
    const logOn = configCredentialsSchema.parse({
      username: 'crm-user',
      password: 'crm-pass',
      ...credentials,
    });
    const read = configPropertiesSchema.parse({
      subdomain: `http://${this.simulator.host}`,
      ...properties,
    });
    const client = new CrmClient({
      address: parseServerAddress(read.subdomain),
      logOn,
      agents: createAgents({ env: {} }),
      timeoutMs: 30_000,
      clock: this.clock,
    });
    this.clients.push(client);
    return { client, properties: read, credentials: logOn, clock: this.clock };
  }

  /** Runs the whole test. */
  async test(
    properties: Partial<ConfigProperties> = {},
    more: { resources?: readonly Resource[]; credentials?: Partial<ConfigCredentials> } = {},
  ): Promise<Report> {
    const { credentials, resources } = more;
    const options = { ...this.options(properties, credentials), ...(resources && { resources }) };
    const steps: TestStep[] = [];
    for await (const step of testConnection(options, this.abort.signal)) steps.push(step);
    return new Report(steps);
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.simulator.close();
  }
}

/** The steps of a finished test. */
export class Report {
  constructor(readonly steps: readonly TestStep[]) {}

  /** The one step with this id; with `resource`, that of the resource. */
  step(id: TestStep['id'], resource?: string): TestStep {
    const found = this.steps.find((step) => step.id === id && step.resource === resource);
    if (found === undefined) throw new Error(`there is no step ${id}`);
    return found;
  }

  /** Such as `pass`; resources are named by their key. */
  outcomes(): Record<string, TestStep['outcome']> {
    return Object.fromEntries(
      this.steps.map(({ id, resource, outcome }) => [resource ?? id, outcome]),
    );
  }
}

/** The documented resources with these keys. */
export function documented(...keys: string[]): Resource[] {
  const all = defaultResources();
  return resourcesSchema.parse(Object.fromEntries(keys.map((key) => [key, all[key]])));
}

/** The documented accounts with another id field, other dates, or another URL. */
export function accounts(change: RawResource, dates: RawResource = {}): Resource[] {
  const documentedAccounts = defaultResources().accounts ?? {};
  const datesConfiguration = { ...(documentedAccounts.datesConfiguration as object), ...dates };
  return resourcesSchema.parse({
    accounts: { ...documentedAccounts, ...change, datesConfiguration },
  });
}
