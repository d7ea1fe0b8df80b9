import { rename } from 'node:fs/promises';
import { DateTime } from 'luxon';
import type { Node } from 'node-red';
import type { PollProperties } from '../../src/config/poll-properties';
import type { Clock } from '../../src/effects/clock';
import type { EventMessage } from '../../src/event/event';
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
  emit: (message: EventMessage) => void;
}

/** The durable state of a poll node, and the pollers that stand on it. */
interface PollState {
  open(anew: boolean): Promise<ResourcePoller[]>;
  close(): Promise<void>;
}

export function openPollers(options: StateOptions): PollState {
  const { clock, folder } = options;
  const startedAt = clock.monotonic();
  let store: LevelPollStore | undefined;
  return {
    async open(anew) {
      if (anew) await putAside(folder, clock.now());
      const opened = await LevelPollStore.open(folder);
      store = opened;
      return createPollers(options, opened, startedAt);
    },
    async close() {
      await store?.close();
    },
  };
}

function createPollers(
  { node, properties, server, clock, emit }: StateOptions,
  store: LevelPollStore,
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
          serverZone: server.zone,
          instanceName: server.instanceName,
          tags: server.tags,
          source: server.source,
          store,
          clock,
          startedAt,
          emit,
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
