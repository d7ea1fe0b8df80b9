import type { Clock } from '../../src/effects/clock';
import { granted } from '../../src/poll/granted';
import { LevelMovableOutbox } from '../../src/store/migration/level-movable-outbox';
import type { StoreKind } from '../../src/store/migration/movable';
import { surveyState, type Route } from '../../src/store/migration/move-state';
import {
  OUTBOX_STATE,
  type MovedOutbox,
  type OutboxHead,
  type OutboxSlice,
} from '../../src/store/migration/outbox-state';
import {
  pollState,
  type MovedPoll,
  type PollHead,
  type PollSlice,
} from '../../src/store/migration/poll-state';
import { RedisPollStore } from '../../src/store/redis-poll-store';
import type { SharedRedis } from '../runtime/redis';
import { folderOf, isEmbeddedIn } from '../runtime/state-folder';
import { carryOutbox, withOutboxOnRedis } from '../sagecrm-callback/movable-outbox';
import { bringPoll } from '../sagecrm-poll/origin';
import { openEmbedded, openShared } from '../sagecrm-poll/storage';

export interface Moving {
  from: StoreKind;
  redis: SharedRedis;
  /** Where the nodes of the user directory keep their state. */
  root: string;
  userDir: string;
  clock: Clock;
}

/** What came of one resource, or of the outbox; `moved` is undefined when there was nothing. */
export type Told<Moved> = (resource: string, result: { moved?: Moved; error?: unknown }) => void;

/** An end that holds nothing, and need not be made for a look. */
function nothingAt<Head, Slice>(head: Head): Route<Head, Slice>['from'] {
  return {
    move: () => Promise.resolve(undefined),
    head: () => Promise.resolve(head),
    async *slices() {
      // There are none.
    },
  };
}

/**
 * Moves the resources of a poll node, one after the other; one that fails holds up no other.
 *
 * @throws SageCrmError what opening the stores throws
 */
export async function movePoll(
  { from: kind, redis, root, clock }: Moving,
  { id: node, resources }: { id: string; resources: readonly string[] },
  tell: Told<MovedPoll>,
): Promise<void> {
  const folder = folderOf(root, node);
  const embedded = await openEmbedded({ folder, clock, anew: false });
  try {
    const isInFlight = (): boolean => false;
    const shared = await openShared({ redis, folder, node, resources, clock, isInFlight });
    const [from, to] = kind === 'embedded' ? [embedded, shared] : [shared, embedded];
    try {
      for (const resource of resources) {
        await telling(resource, tell, async () => {
          await granted(() => to.leaseOf(resource).acquire('now'), { resource, clock });
          return bringPoll({ resource, from, kind, to, clock });
        });
      }
    } finally {
      await shared.close();
    }
  } finally {
    await embedded.close();
  }
}

/** What `movePoll` would move; takes no lease, and makes no database. */
export async function surveyPoll(
  { from: kind, redis, root, clock }: Moving,
  { id: node, resources }: { id: string; resources: readonly string[] },
  tell: Told<MovedPoll>,
): Promise<void> {
  const folder = folderOf(root, node);
  const embedded = isEmbeddedIn(folder)
    ? await openEmbedded({ folder, clock, anew: false })
    : undefined;
  const { connection, done } = redis.use();
  try {
    const fenceOf = (): never => {
      throw new Error('a look writes nothing');
    };
    const shared = new RedisPollStore({ connection, prefix: redis.prefix, node, fenceOf });
    for (const resource of resources) {
      const onRedis = shared.movable(resource);
      const onDisk = embedded?.movable(resource) ?? nothingAt<PollHead, PollSlice>({});
      const [from, to] = kind === 'redis' ? [onRedis, onDisk] : [onDisk, onRedis];
      await telling(resource, tell, () => surveyState(pollState(resource), { from, kind, to }));
    }
  } finally {
    done();
    await embedded?.close();
  }
}

/** @throws SageCrmError what opening and moving throw */
export function moveCallback(moving: Moving, node: string): Promise<MovedOutbox | undefined> {
  return carryOutbox({ ...moving, node }, moving.from, folderOf(moving.root, node));
}

/** What `moveCallback` would move; makes no database. */
export async function surveyCallback(
  moving: Moving,
  node: string,
): Promise<MovedOutbox | undefined> {
  const { from: kind, root } = moving;
  const folder = folderOf(root, node);
  return withOutboxOnRedis({ ...moving, node }, async (onRedis) => {
    const embedded = isEmbeddedIn(folder) ? await LevelMovableOutbox.open(folder) : undefined;
    try {
      const onDisk = embedded ?? nothingAt<OutboxHead, OutboxSlice>(NO_OUTBOX);
      const [from, to] = kind === 'redis' ? [onRedis, onDisk] : [onDisk, onRedis];
      return await surveyState(OUTBOX_STATE, { from, kind, to });
    } finally {
      await embedded?.close();
    }
  });
}

const NO_OUTBOX: OutboxHead = { events: 0, letters: 0, silenced: [], version: '' };

async function telling<Moved>(
  resource: string,
  tell: Told<Moved>,
  run: () => Promise<Moved | undefined>,
): Promise<void> {
  try {
    const moved = await run();
    tell(resource, moved === undefined ? {} : { moved });
  } catch (error) {
    tell(resource, { error });
  }
}
