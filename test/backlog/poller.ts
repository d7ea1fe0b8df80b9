import { setTimeout as pause } from 'node:timers/promises';
import { defaultResources } from '../../src/config/defaults';
import { parseOrThrow } from '../../src/config/problems';
import { resourcesSchema, type Resource } from '../../src/config/resources';
import { systemClock } from '../../src/effects/clock';
import { createReading } from '../../src/poll/readings';
import { ResourcePoller } from '../../src/poll/resource-poller';
import type { CrmClient } from '../../src/sagecrm/client';
import { ServerSource } from '../../src/sagecrm/server-source';
import { LevelPollStore } from '../../src/store/level-poll-store';
import { resolveZone } from '../../src/template/zone';
import { simulatedClient } from '../support/simulated-client';
import { Flow } from './flow';
import { Gauges, memory } from './gauges';
import { Ledger } from './ledger';
import { pollerOptionsSchema, tell, type PollerOptions, type Progress } from './messages';

/** What the store was asked to do, to see that neither a write nor a read grows with the backlog. */
interface StoreCounts {
  journaled: number;
  largestWrite: number;
  largestRead: number;
}

/** Polls the whole backlog with the real classes, as a process of its own. */
async function main(): Promise<void> {
  const options = pollerOptionsSchema.parse(JSON.parse(process.argv[2] ?? ''));
  const store = await LevelPollStore.open(options.folder);
  const counts = counting(store);
  const client = simulatedClient(`http://127.0.0.1:${options.port}`, systemClock());
  const progress = (phase: Progress['phase'], count: number): void => {
    tell({ kind: 'progress', phase, count, journaled: counts.journaled });
  };
  const flow = new Flow(store, new Ledger(options.ledger), options, (count) => {
    progress('emitting', count);
  });
  // Loads the code and opens a connection, so that what follows is the backlog's alone.
  await pollAll(createPoller('contacts', { options, store, client, flow }), flow, () => undefined);
  await pause(options.restMs);
  const gauges = new Gauges();
  const begin = performance.now();
  let readingEnds = begin;
  let records = 0;
  const poller = createPoller('accounts', { options, store, client, flow });
  await pollAll(poller, flow, (count) => {
    if (count > records) {
      readingEnds = performance.now();
      records = count;
    }
    progress('reading', count);
  });
  await flow.settled();
  const end = performance.now();
  const { emitted } = flow;
  const watched = gauges.stop();
  await pause(options.restMs);
  const after = memory();
  await pollAll(poller, flow, () => undefined);
  await flow.settled();
  tell({
    kind: 'report',
    ...watched,
    after,
    readingMs: readingEnds - begin,
    emittingMs: end - readingEnds,
    records,
    emitted,
    ...counts,
    mostUnacknowledged: flow.mostUnacknowledged,
    emittedAgain: flow.emitted - emitted,
  });
  client.close();
  await flow.commit.close();
  await store.close();
  process.disconnect();
}

/** Polls until nothing waits for room in the flow. */
async function pollAll(
  poller: ResourcePoller,
  flow: Flow,
  onProgress: (records: number) => void,
): Promise<void> {
  for (;;) {
    const room = flow.nextRoom();
    const { isWaiting } = await poller.poll(new AbortController().signal, onProgress);
    if (!isWaiting) return;
    await room;
  }
}

function counting(store: LevelPollStore): StoreCounts {
  const counts = { journaled: 0, largestWrite: 0, largestRead: 0 };
  const append = store.append.bind(store);
  store.append = async (...given) => {
    await append(...given);
    const { length } = given[1];
    counts.journaled += length;
    counts.largestWrite = Math.max(counts.largestWrite, length);
  };
  const readJournal = store.readJournal.bind(store);
  store.readJournal = async (resource, limit, after) => {
    const entries = await readJournal(resource, limit, after);
    counts.largestRead = Math.max(counts.largestRead, entries.length);
    return entries;
  };
  return counts;
}

function createPoller(
  key: string,
  parts: { options: PollerOptions; store: LevelPollStore; client: CrmClient; flow: Flow },
): ResourcePoller {
  const { options, store, client, flow } = parts;
  const zone = resolveZone('UTC');
  const clock = systemClock();
  const resource = resourceOf(key, options.pageSize);
  return new ResourcePoller({
    resource,
    reading: createReading(resource, zone),
    start: { from: 'all' },
    overlapSeconds: 120,
    auditWindowMs: 24 * 3_600_000,
    instanceName: 'backlog',
    tags: ['test'],
    source: new ServerSource({ client, api: 'hub', install: 'crm', zone }),
    store,
    clock,
    startedAt: clock.monotonic(),
    commit: flow.commit,
    warn: (problem) => {
      throw problem;
    },
  });
}

function resourceOf(key: string, pageSize: number): Resource {
  const raw = { [key]: { ...defaultResources()[key], pageSize } };
  const [resource] = parseOrThrow(resourcesSchema, raw);
  if (resource === undefined) throw new Error(`there is no resource ${key}`);
  return resource;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
