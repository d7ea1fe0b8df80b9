import { DateTime } from 'luxon';
import type { PollProperties } from '../../src/config/poll-properties';
import type { Resource } from '../../src/config/resources';
import type { Clock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { isoDate } from '../../src/event/iso-date';
import type { Commit, Emit } from '../../src/poll/commit/commit';
import { EarlyAcknowledgements } from '../../src/poll/commit/early-acknowledgements';
import { CommitOnAcknowledgement } from '../../src/poll/commit/on-acknowledgement';
import { CommitOnEmission } from '../../src/poll/commit/on-emission';
import { ResourcePoller } from '../../src/poll/resource-poller';
import type { Reading } from '../../src/poll/readings';
import type { Start } from '../../src/poll/window';
import type { PollStore } from '../../src/store/poll-store';
import type { StoreKind } from '../../src/store/migration/movable';
import type { MovedPoll } from '../../src/store/migration/poll-state';
import type { Origin } from '../../src/poll/adoption';
import type { SageCrmServer } from '../runtime/server';
import type { LeftState } from './left-state';
import { openOrigin } from './origin';
import { openEmbedded, openShared, type PollStorage } from './storage';

interface StateOptions {
  properties: PollProperties;
  server: SageCrmServer;
  clock: Clock;
  /** Of the embedded store. */
  folder: string;
  /** The id of the node. */
  node: string;
  leftState: LeftState;
  emit: Emit;
  /** Told when a full flow has room again. */
  onRoom: () => void;
  /** Told of what does not stop polling but needs the user's eye. */
  onWarning: (problem: SageCrmError, resource: string) => void;
}

/** The durable state of a poll node, and the pollers that stand on it. */
export interface PollState {
  open(anew: boolean): Promise<ResourcePoller[]>;
  /** Lets events leave the journal that the flow has dealt with. */
  acknowledge(eventIds: readonly string[]): Promise<void>;
  /**
   * The store that the state comes from in a move; the state must be open, and nothing polled.
   *
   * @throws SageCrmError `INPUT_INVALID` when it is the one in use, or there is none
   */
  openOrigin(from: StoreKind): Promise<Origin<MovedPoll>>;
  readonly unacknowledged: number;
  /** Cursors as they were when the state was opened, by resource: ISO 8601 in UTC. */
  readonly storedCursors: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

interface Opened {
  storage: PollStorage;
  commit: Commit;
  acknowledge: (eventIds: readonly string[]) => Promise<void>;
}

export function openPollers(options: StateOptions): PollState {
  const { clock } = options;
  const startedAt = clock.monotonic();
  const early = new EarlyAcknowledgements(options.properties.maxInFlight);
  let opened: Opened | undefined;
  let storedCursors: ReadonlyMap<string, string> = new Map();
  const done: (() => void)[] = [];
  const readingOf = (resource: Resource): Reading => {
    const used = options.server.readings.use(resource);
    done.push(used.done);
    return used.reading;
  };
  const isInFlight = (resource: string): boolean =>
    (opened?.commit.keysInFlight(resource).size ?? 0) > 0;
  return {
    async open(anew) {
      opened = withCommit(options, await openStorage(options, anew, isInFlight), early);
      storedCursors = await readCursors(opened.storage.store, options.properties);
      return createPollers(options, opened, startedAt, readingOf);
    },
    async acknowledge(eventIds) {
      try {
        if (opened === undefined) early.note(eventIds);
        else await opened.acknowledge(eventIds);
      } catch (error) {
        if (!isLeaseLost(error)) throw error;
        // Whoever has taken over hands these events over once more.
        opened?.commit.forget(error.details.resource ?? '');
      }
    },
    openOrigin(from) {
      if (opened === undefined) throw new Error('the state is not open');
      return openOrigin({ ...options, from, resources: polledKeys(options), to: opened.storage });
    },
    get unacknowledged() {
      return opened?.commit.unacknowledged ?? 0;
    },
    get storedCursors() {
      return storedCursors;
    },
    async close() {
      for (const end of done.splice(0)) end();
      await opened?.commit.close();
      await opened?.storage.close();
    },
  };
}

function openStorage(
  { server, folder, node, properties, clock, leftState }: StateOptions,
  anew: boolean,
  isInFlight: (resource: string) => boolean,
): Promise<PollStorage> {
  const { redis } = server;
  if (redis === undefined) return openEmbedded({ folder, clock, anew });
  const resources = polledKeys({ properties });
  return openShared({ redis, folder, node, resources, clock, isInFlight, leftState });
}

function polledKeys({ properties }: Pick<StateOptions, 'properties'>): string[] {
  return polled(properties).map(({ key }) => key);
}

function isLeaseLost(error: unknown): error is SageCrmError {
  return error instanceof SageCrmError && error.code === 'LEASE_LOST';
}

function polled({ resources }: PollProperties): PollProperties['resources'] {
  return resources.filter(({ enabled }) => enabled);
}

/** For show only: state that cannot be read stops its resource when it is polled. */
async function readCursors(
  store: PollStore,
  { resources }: PollProperties,
): Promise<ReadonlyMap<string, string>> {
  const cursors = new Map<string, string>();
  for (const { key } of resources) {
    const state = await store.readState(key).catch(() => undefined);
    if (typeof state?.cursor === 'number') cursors.set(key, isoDate(state.cursor));
  }
  return cursors;
}

function withCommit(
  options: StateOptions,
  storage: PollStorage,
  early: EarlyAcknowledgements,
): Opened {
  const { store } = storage;
  const { properties, clock, emit, onRoom } = options;
  if (properties.commit === 'emitted') {
    const nothingToDo = (): Promise<void> => Promise.resolve();
    const commit = new CommitOnEmission(store, emit, nextTurn);
    return { storage, commit, acknowledge: nothingToDo };
  }
  const { maxInFlight } = properties;
  const redeliverAfterMs = properties.redeliverAfter * 60_000;
  const settings = { store, emit, clock, early, maxInFlight, redeliverAfterMs, onRoom };
  const commit = new CommitOnAcknowledgement(settings);
  return { storage, commit, acknowledge: (eventIds) => commit.acknowledge(eventIds) };
}

/** Node-RED hands messages over at the end of the present turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function createPollers(
  { properties, server, clock, onWarning }: StateOptions,
  { storage, commit }: Opened,
  startedAt: number,
  readingOf: (resource: Resource) => Reading,
): ResourcePoller[] {
  const start = startOf(properties, server);
  return polled(properties).map(
    (resource) =>
      new ResourcePoller({
        resource,
        reading: readingOf(resource),
        start,
        overlapSeconds: properties.overlap,
        auditWindowMs: properties.lateWindow * 3_600_000,
        instanceName: server.instanceName,
        tags: server.tags,
        source: server.source,
        store: storage.store,
        lease: storage.leaseOf(resource.key),
        clock,
        startedAt,
        commit,
        warn: (problem) => {
          onWarning(problem, resource.key);
        },
      }),
  );
}

/** Where a node begins that has no state yet; a start date without a zone is in the server's. */
export function startOf(
  { start, startDate }: Pick<PollProperties, 'start' | 'startDate'>,
  { zone }: Pick<SageCrmServer, 'zone'>,
): Start {
  if (start !== 'date' || startDate === undefined) return { from: start === 'all' ? 'all' : 'now' };
  return { from: 'date', at: DateTime.fromISO(startDate, { zone }).toMillis() };
}
