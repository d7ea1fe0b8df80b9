import { ClassicLevel } from 'classic-level';

/** What the stores of this process were asked to do. */
export interface StoreWork {
  /** Writes, whatever their size. */
  writes: number;
  /** Those of them that waited for the disk. */
  synced: number;
  /** Entries put or deleted. */
  operations: number;
  /** Characters of the keys and values put. */
  characters: number;
  /** Questions for one or many keys. */
  lookups: number;
  /** Ranges read from beginning to end. */
  scans: number;
}

/** What is called here of LevelDB's interface, in the form that all calls go through. */
interface Instrumented {
  batch: (this: unknown, operations: readonly Entry[], options?: WriteOptions) => unknown;
  put: (this: unknown, key: string, value: string, options?: WriteOptions) => unknown;
  get: Read;
  getMany: Read;
  iterator: Read;
}

type Read = (this: unknown, ...given: unknown[]) => unknown;

interface Entry {
  key: string;
  value?: string;
}

interface WriteOptions {
  sync?: boolean;
}

/** Counts while `run` runs what it makes all stores do. */
export async function storeWorkOf(run: () => Promise<unknown>): Promise<StoreWork> {
  const work: StoreWork = {
    ...{ writes: 0, synced: 0, operations: 0, characters: 0, lookups: 0, scans: 0 },
  };
  const level = ClassicLevel.prototype as unknown as Instrumented;
  const { batch, put, get, getMany, iterator } = level;
  const note = (entries: readonly Entry[], sync?: boolean): void => {
    work.writes += 1;
    work.synced += sync === true ? 1 : 0;
    work.operations += entries.length;
    for (const { key, value = '' } of entries) work.characters += key.length + value.length;
  };
  level.batch = function (operations, options) {
    note(operations, options?.sync);
    return batch.call(this, operations, options);
  };
  level.put = function (key, value, options) {
    note([{ key, value }], options?.sync);
    return put.call(this, key, value, options);
  };
  level.get = function (...given) {
    work.lookups += 1;
    return get.apply(this, given);
  };
  level.getMany = function (...given) {
    work.lookups += 1;
    return getMany.apply(this, given);
  };
  level.iterator = function (...given) {
    work.scans += 1;
    return iterator.apply(this, given);
  };
  try {
    await run();
  } finally {
    Object.assign(level, { batch, put, get, getMany, iterator });
  }
  return work;
}
