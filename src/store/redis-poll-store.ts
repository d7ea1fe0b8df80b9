import { z } from 'zod';
import type { EventMessage } from '../event/event';
import { parsedJson } from '../json/parsed-json';
import {
  APPEND,
  BEGIN,
  READ_JOURNAL,
  READ_OUTDATED,
  RESTART,
  SEE,
  STRIKE_OFF,
} from '../redis/poll-scripts';
import { pollElsewhere, pollInMove } from './migration/move-error';
import { RedisMovable } from './migration/redis-movable';
import type {
  AppendOptions,
  Change,
  JournalEntry,
  PollStore,
  RecordMemory,
  ResourceState,
  SeenVersion,
} from './poll-store';
import { list, RedisKeyspace, type RedisKeyspaceOptions } from './redis-keyspace';
import { RedisRecordStore } from './redis-record-store';
import { mayComeAgain, readSeen, seenAfter, seenItem } from './seen-versions';
import { stateCorrupt } from './state-error';
import { readPollMove, readStateText } from './stored-state';

const messageSchema = z.custom<EventMessage>(
  (value) => typeof value === 'object' && value !== null && 'event' in value,
);

/** How many ids one step of a long clean-up touches, so that neither side stands still for long. */
const CLEAN_UP_STEP = 1000;

/** Versions kept per resource; the oldest make room for new ones. */
const MOST_VERSIONS = 100_000;

export interface RedisPollStoreOptions extends RedisKeyspaceOptions {
  /** Whether another store that this machine can see holds state which Redis has nothing of. */
  isElsewhere?: (resource: string) => Promise<boolean>;
}

/**
 * The poll store on Redis, shared by the instances of one poll node. `PollKeys` tells what lies
 * where. Each write is one script, and is refused with `LEASE_LOST` once another instance has taken
 * over; nothing reaches the connection out of its order.
 */
export class RedisPollStore implements PollStore {
  readonly records: RedisRecordStore;
  private readonly keyspace: RedisKeyspace;
  /** The append under way. */
  private landing: Promise<unknown> = Promise.resolve();
  /** Resources whose state was there: that it is gone must not look like a new start. */
  private readonly known = new Set<string>();
  private readonly isElsewhere: (resource: string) => Promise<boolean>;

  constructor(
    options: RedisPollStoreOptions,
    private readonly mostVersions = MOST_VERSIONS,
  ) {
    this.keyspace = new RedisKeyspace(options);
    this.isElsewhere = options.isElsewhere ?? (() => Promise.resolve(false));
    this.records = new RedisRecordStore(this.keyspace);
  }

  async readState(resource: string): Promise<ResourceState | undefined> {
    const { meta } = this.keyspace.keysOf(resource);
    const [text, moveText] = await this.keyspace.fields(meta, ['state', 'move']);
    const move = readPollMove(resource, moveText);
    if (move !== undefined) throw pollInMove(resource, move, 'redis');
    if (text === undefined) return this.noState(resource);
    this.known.add(resource);
    return readStateText(resource, text);
  }

  async startedAt(resource: string, now: number): Promise<number> {
    const begun = z.coerce.number().safeParse(await this.keyspace.write(BEGIN, resource, [now]));
    return begun.success ? begun.data : now;
  }

  async seenVersions(resource: string, ids: readonly string[]): Promise<SeenVersion[][]> {
    await this.landing.catch(() => undefined);
    const texts = await this.keyspace.fields(this.keyspace.keysOf(resource).seen, ids);
    return texts.map((text) => (text === undefined ? [] : readSeen(resource, text)));
  }

  /** Redis decides when it is on disk (`appendfsync`); it is never written in part. */
  async append(
    resource: string,
    changes: readonly Change[],
    state: ResourceState,
    { memory }: AppendOptions = {},
  ): Promise<void> {
    const landing = this.keyspace.write(APPEND, resource, [
      JSON.stringify(state),
      this.mostVersions,
      ...list(changes.map(({ key, message }) => [key, JSON.stringify(message)])),
      ...list([...seenAfter(changes, state.seenFrom)].map(([id, seen]) => seenItem(id, seen))),
      ...memoryLists(memory),
    ]);
    this.landing = landing;
    await landing;
    this.known.add(resource);
  }

  async readJournal(resource: string, limit: number, after = ''): Promise<JournalEntry[]> {
    const { journal, events } = this.keyspace.keysOf(resource);
    const from = after === '' ? '-' : `(${after}`;
    const found = await this.keyspace.pairs(READ_JOURNAL, [journal, events], [from, limit]);
    return found.map(([key, text]) => {
      const message = messageSchema.safeParse(parsedJson(text));
      if (message.success) return { key, message: message.data };
      throw stateCorrupt(`of ${resource} holds a damaged event`, undefined, resource);
    });
  }

  async strikeOff(resource: string, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.keyspace.write(STRIKE_OFF, resource, list(keys.map((key) => [key])));
  }

  async pruneSeen(resource: string, seenFrom: number): Promise<void> {
    const { seen, seenUntil } = this.keyspace.keysOf(resource);
    const step = [seenFrom, CLEAN_UP_STEP];
    for (;;) {
      const outdated = await this.keyspace.pairs(READ_OUTDATED, [seen, seenUntil], step);
      const items = outdated.map(([id, text]) => {
        const versions = readSeen(resource, text);
        return seenItem(
          id,
          versions.filter(([, until]) => mayComeAgain(until, seenFrom)),
        );
      });
      if (items.length > 0) await this.keyspace.write(SEE, resource, list(items));
      if (items.length < CLEAN_UP_STEP) return;
    }
  }

  async restart(resource: string, state: ResourceState): Promise<void> {
    await this.keyspace.write(RESTART, resource, [JSON.stringify(state)]);
    this.known.add(resource);
  }

  /** Nothing is held in memory here. */
  async rest(): Promise<void> {
    // Redis is asked for each poll anew.
  }

  movable(resource: string): RedisMovable {
    const { keyspace, records } = this;
    return new RedisMovable(resource, {
      keyspace,
      records,
      readJournal: this.readJournal.bind(this),
    });
  }

  /** The connection is not the store's own. */
  async close(): Promise<void> {
    await this.landing.catch(() => undefined);
  }

  /** Whether that is a new start. */
  private async noState(resource: string): Promise<undefined> {
    if (this.known.has(resource)) {
      throw stateCorrupt(`of ${resource} is gone from Redis`, undefined, resource);
    }
    if (await this.isElsewhere(resource)) throw pollElsewhere(resource);
    return undefined;
  }
}

function memoryLists(memory: RecordMemory | undefined): (string | number)[] {
  const versions = [...(memory?.versions ?? [])];
  return [
    ...list((memory?.knownIds ?? []).map((id) => [id])),
    ...list(versions.map(([id, record]) => [id, JSON.stringify(record)])),
  ];
}
