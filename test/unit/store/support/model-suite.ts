import assert from 'node:assert/strict';
import fc from 'fast-check';
import { STATE_SCHEMA, type PollStore, type ResourceState } from '../../../../src/store/poll-store';
import { changeOf, STATE } from './entries';
import { ModelStore, type Journal } from './model-store';

const RESOURCES = ['accounts', 'accounts2'] as const;
const IDS = ['1', '2', '10', 'a!b', 'ž', ''];
const HASHES = ['h1', 'h2', 'h3'];
const MOST = 1000;

type Step =
  | {
      do: 'append';
      resource: string;
      changes: Parameters<typeof changeOf>[0][];
      state: ResourceState;
      sync: boolean;
    }
  | { do: 'strikeOff'; resource: string; first: number; count: number }
  | { do: 'prune'; resource: string; seenFrom: number }
  | { do: 'restart'; resource: string }
  | { do: 'reopen' };

const instant = fc.integer({ min: -3, max: 12 });
const resource = fc.constantFrom(...RESOURCES);
const change = fc.record({
  id: fc.constantFrom(...IDS),
  hash: fc.constantFrom(...HASHES),
  date: fc.option(instant, { freq: 4 }),
});
const state = fc.record(
  {
    schema: fc.constant<typeof STATE_SCHEMA>(STATE_SCHEMA),
    cursor: fc.option(instant),
    floor: fc.option(instant),
    seenFrom: fc.option(instant),
    auditedAt: fc.option(instant),
    phase: fc.constantFrom('reading' as const, 'emitting' as const),
  },
  { noNullPrototype: true },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      resource,
      changes: fc.array(change, { maxLength: 6 }),
      state,
      sync: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('strikeOff' as const),
      resource,
      first: fc.integer({ min: 0, max: 3 }),
      count: fc.integer({ min: 0, max: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('prune' as const), resource, seenFrom: instant }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), resource }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
);

/** A store that keeps what it holds when it is opened anew. */
export interface Reopened {
  store: PollStore;
  reopen: () => Promise<PollStore>;
}

/**
 * Takes any sequence of writes and restarts, on a store and on the model.
 *
 * @param begin makes an empty store
 */
export async function behavesAsTheModel(
  begin: () => Promise<Reopened>,
  numRuns: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { store: first, reopen } = await begin();
      let store = first;
      const model = new ModelStore();
      try {
        for (const next of steps) {
          if (next.do === 'reopen') {
            await store.close();
            store = await reopen();
          } else {
            await take(store, next);
            await take(model, next);
          }
          for (const name of RESOURCES) {
            assert.deepEqual(await view(store, name), await view(model, name));
          }
        }
      } finally {
        await store.close();
      }
    }),
    { numRuns },
  );
}

async function take(store: Journal, next: Exclude<Step, { do: 'reopen' }>): Promise<void> {
  switch (next.do) {
    case 'append': {
      const changes = next.changes.map(changeOf);
      const seen = await store.seenVersions(
        next.resource,
        changes.map(({ objectId }) => objectId),
      );
      const withBefore = changes.map((each, index) => ({ ...each, before: seen[index] ?? [] }));
      return store.append(next.resource, withBefore, next.state, { sync: next.sync });
    }
    case 'strikeOff': {
      const journal = await store.readJournal(next.resource, MOST);
      const struck = journal.slice(next.first, next.first + next.count);
      return store.strikeOff(
        next.resource,
        struck.map(({ key }) => key),
      );
    }
    case 'prune':
      return store.pruneSeen(next.resource, next.seenFrom);
    case 'restart':
      return store.restart(next.resource, STATE);
  }
}

/** All that a store tells about a resource. */
async function view(store: Journal, name: string): Promise<unknown> {
  const journal = await store.readJournal(name, MOST);
  return {
    state: await store.readState(name),
    journal,
    seen: await store.seenVersions(name, IDS),
  };
}
