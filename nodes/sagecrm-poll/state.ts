import { rename } from 'node:fs/promises';
import { DateTime } from 'luxon';
import type { Node } from 'node-red';
import type { PollProperties } from '../../src/config/poll-properties';
import type { Clock } from '../../src/effects/clock';
import type { Commit, Emit } from '../../src/poll/commit/commit';
import { CommitOnAcknowledgement } from '../../src/poll/commit/on-acknowledgement';
import { CommitOnEmission } from '../../src/poll/commit/on-emission';
import { ResourcePoller } from '../../src/poll/resource-poller';
import type { Start } from '../../src/poll/window';
import { LevelPollStore } from '../../src/store/level-poll-store';
import type { SageCrmServer } from '../runtime/server';

interface StateOptions {
  node: Node;
  properties: PollProperties;
  server: SageCrmServer;
  clock: Clock;
  folder: string;
  emit: Emit;
  /** Told when a full flow has room again. */
  onRoom: () => void;
}

/** The durable state of a poll node, and the pollers that stand on it. */
export interface PollState {
  open(anew: boolean): Promise<ResourcePoller[]>;
  /** Lets events leave the journal that the flow has dealt with. */
  acknowledge(eventIds: readonly string[]): Promise<void>;
  readonly unacknowledged: number;
  close(): Promise<void>;
}

interface Opened {
  store: LevelPollStore;
  commit: Commit;
  acknowledge: (eventIds: readonly string[]) => Promise<void>;
}

export function openPollers(options: StateOptions): PollState {
  const { clock, folder } = options;
  const startedAt = clock.monotonic();
  let opened: Opened | undefined;
  return {
    async open(anew) {
      if (anew) await putAside(folder, clock.now());
      opened = withCommit(options, await LevelPollStore.open(folder));
      return createPollers(options, opened, startedAt);
    },
    async acknowledge(eventIds) {
      await opened?.acknowledge(eventIds);
    },
    get unacknowledged() {
      return opened?.commit.unacknowledged ?? 0;
    },
    async close() {
      await opened?.commit.close();
      await opened?.store.close();
    },
  };
}

function withCommit(options: StateOptions, store: LevelPollStore): Opened {
  const { properties, clock, emit, onRoom } = options;
  if (properties.commit === 'emitted') {
    const nothingToDo = (): Promise<void> => Promise.resolve();
    return { store, commit: new CommitOnEmission(store, emit, nextTurn), acknowledge: nothingToDo };
  }
  const { maxInFlight } = properties;
  const redeliverAfterMs = properties.redeliverAfter * 60_000;
  const settings = { store, emit, clock, maxInFlight, redeliverAfterMs, onRoom };
  const commit = new CommitOnAcknowledgement(settings);
  return { store, commit, acknowledge: (eventIds) => commit.acknowledge(eventIds) };
}

/** Node-RED hands messages over at the end of the present turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function createPollers(
  { node, properties, server, clock }: StateOptions,
  { store, commit }: Opened,
  startedAt: number,
): ResourcePoller[] {
  const start = startOf(properties, server);
  return properties.resources
    .filter(({ enabled }) => enabled)
    .map(
      (resource) =>
        new ResourcePoller({
          resource,
          start,
          overlapSeconds: properties.overlap,
          auditWindowMs: properties.lateWindow * 3_600_000,
          serverZone: server.zone,
          instanceName: server.instanceName,
          tags: server.tags,
          source: server.source,
          store,
          clock,
          startedAt,
          commit,
          warn: (problem) => {
            node.warn(problem.message);
          },
        }),
    );
}

function startOf({ start, startDate }: PollProperties, { zone }: SageCrmServer): Start {
  if (start !== 'date' || startDate === undefined) return { from: start === 'all' ? 'all' : 'now' };
  return { from: 'date', at: DateTime.fromISO(startDate, { zone }).toMillis() };
}

/** Damaged state is kept beside the new one, for whoever wants to look into it. */
async function putAside(folder: string, now: number): Promise<void> {
  const stamp = DateTime.fromMillis(now, { zone: 'utc' }).toFormat("yyyyMMdd'T'HHmmss");
  await rename(folder, `${folder}.damaged-${stamp}`);
}
