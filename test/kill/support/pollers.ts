import { defaultResources } from '../../../src/config/defaults';
import { parseOrThrow } from '../../../src/config/problems';
import { resourcesSchema } from '../../../src/config/resources';
import type { Clock } from '../../../src/effects/clock';
import type { CrmRecord } from '../../../src/event/event';
import type { Commit } from '../../../src/poll/commit/commit';
import type { PollLease } from '../../../src/poll/lease';
import { createReading } from '../../../src/poll/readings';
import { ResourcePoller } from '../../../src/poll/resource-poller';
import { ServerSource } from '../../../src/sagecrm/server-source';
import type { Source } from '../../../src/sagecrm/source';
import type { PollStore } from '../../../src/store/poll-store';
import { resolveZone } from '../../../src/template/zone';
import { simulatedClient } from '../../support/simulated-client';
import type { Crash } from './crash';
import { ENTITIES } from './entities';
import { NEVER_MS } from './fast-clock';
import type { LifeOptions } from './messages';

interface Parts {
  options: Pick<LifeOptions, 'server' | 'pageSize'>;
  clock: Clock;
  store: PollStore;
  crash: Crash;
  commit: Commit;
  /** Where several processes share the state. */
  leaseOf?: (resource: string) => PollLease;
}

/** One poller for each resource, with the real client and source. */
export function createPollers({
  options,
  clock,
  store,
  crash,
  commit,
  leaseOf,
}: Parts): ResourcePoller[] {
  const zone = resolveZone('UTC');
  const client = simulatedClient(options.server, clock, NEVER_MS);
  const source = new ServerSource({ client, api: 'hub', install: 'crm', zone });
  const documented = defaultResources();
  const raw = ENTITIES.map(({ resource }) => [
    resource,
    { ...documented[resource], pageSize: options.pageSize },
  ]);
  return parseOrThrow(resourcesSchema, Object.fromEntries(raw)).map(
    (resource) =>
      new ResourcePoller({
        resource,
        reading: createReading(resource, zone),
        start: { from: 'all' },
        overlapSeconds: 120,
        auditWindowMs: 0,
        instanceName: 'kill',
        tags: [],
        source: withPoints(source, crash),
        store,
        clock,
        startedAt: clock.monotonic(),
        commit,
        ...(leaseOf && { lease: leaseOf(resource.key) }),
        warn: (problem) => {
          throw problem;
        },
      }),
  );
}

/** The column that names the version, whichever entity it is of. */
export function labelOf(record: CrmRecord): string {
  const found = ENTITIES.map(({ column }) => record[column]).find((value) => value !== undefined);
  return typeof found === 'string' ? found : '';
}

function withPoints(source: Source, crash: Crash): Source {
  return {
    async *pages(query, signal) {
      crash.pass('page', 'before');
      for await (const page of source.pages(query, signal)) {
        crash.pass('page', 'after');
        yield page;
        crash.pass('page', 'before');
      }
    },
  };
}
