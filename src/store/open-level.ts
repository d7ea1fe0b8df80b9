import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { z } from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';
import { parsedJson } from '../json/parsed-json';
import { stateIo, stateLocked } from './state-error';

export type Level = ClassicLevel;

/** What a database holds, and how an older one is brought to the present shape. */
export interface Layout {
  kind: 'poll' | 'outbox' | 'history';
  /** The version of what is stored; a change of any stored shape raises it and adds a migration. */
  schema: number;
  /**
   * What turns each older version into the next one. A migration may be cut off by a crash and run
   * again over what it has done already.
   */
  migrations: Readonly<Record<number, (db: Level) => Promise<void>>>;
  /** How much is gathered in memory before it goes into a table; small where nodes are many. */
  writeBufferBytes: number;
  /** The error for contents that cannot be understood; `what` completes "the stored state …". */
  corrupt: (what: string, cause?: unknown) => SageCrmError;
}

const META_KEY = 'meta';
const metaSchema = z.object({
  owner: z.literal('sagecrm-events'),
  kind: z.enum(['poll', 'outbox', 'history']).default('poll'),
  schema: z.int().positive(),
});

const UTF8 = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

/**
 * The options of a write that waits for the disk, and of one that need not. They are copied for each
 * entry: with the encodings, and frozen, that leaves a kilobyte less behind.
 */
export const DURABLE = Object.freeze({ sync: true, ...UTF8 });
export const LAZY = Object.freeze({ sync: false, ...UTF8 });

/** Small: a node's state is small, and many nodes share a small machine. */
const CACHE_BYTES = 512 * 1024;
/** LevelDB maps the tables it has open into memory, a thousand of two megabytes unless it is told. */
const MOST_OPEN_FILES = 64;
const TABLE_BYTES = 1024 * 1024;

/**
 * What the database in `folder` holds, where there is one of this package.
 *
 * @throws SageCrmError `STATE_LOCKED` or `STATE_IO`
 */
export async function readKind(folder: string): Promise<Layout['kind'] | undefined> {
  if (!existsSync(path.join(folder, 'CURRENT'))) return undefined;
  const db: Level = new ClassicLevel(folder, { createIfMissing: false });
  try {
    await db.open();
  } catch (error) {
    const cause = error instanceof Error ? error.cause : error;
    throw isLocked(cause) ? stateLocked(cause) : stateIo('opened', cause);
  }
  try {
    const meta = metaSchema.safeParse(parsedJson((await db.get(META_KEY)) ?? ''));
    return meta.data?.kind;
  } finally {
    await db.close();
  }
}

/**
 * Opens the database in `folder`, making it if there is none, and migrating an older one.
 *
 * @throws SageCrmError `STATE_LOCKED`, `STATE_IO`, or what `layout.corrupt` makes
 */
export async function openLevel(folder: string, layout: Layout): Promise<Level> {
  await makeFolder(folder, layout);
  const db: Level = new ClassicLevel(folder, {
    ...UTF8,
    writeBufferSize: layout.writeBufferBytes,
    cacheSize: CACHE_BYTES,
    maxOpenFiles: MOST_OPEN_FILES,
    maxFileSize: TABLE_BYTES,
  });
  try {
    await db.open();
  } catch (error) {
    throw openError(error, layout);
  }
  try {
    await claim(db, layout);
  } catch (error) {
    await db.close();
    throw error;
  }
  return db;
}

async function makeFolder(folder: string, layout: Layout): Promise<void> {
  // LevelDB would make a new database among the remains of a broken one without a word.
  try {
    if (existsSync(folder) && !existsSync(path.join(folder, 'CURRENT')) && holdsFiles(folder)) {
      throw layout.corrupt('has lost its main file');
    }
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw error instanceof SageCrmError ? error : stateIo('created', error);
  }
}

/** A manifest alone is what a process leaves that was killed while it made the database. */
function holdsFiles(folder: string): boolean {
  return readdirSync(folder).some((name) => /\.(ldb|log|sst)$/.test(name));
}

async function claim(db: Level, layout: Layout): Promise<void> {
  const meta = await db.get(META_KEY);
  if (meta === undefined) {
    const others = await db.keys({ limit: 1 }).all();
    if (others.length > 0) throw layout.corrupt('belongs to something else');
    await writeMeta(db, layout.kind, layout.schema);
    return;
  }
  const known = metaSchema.safeParse(parsedJson(meta));
  if (!known.success || known.data.kind !== layout.kind) {
    throw layout.corrupt('belongs to something else');
  }
  if (known.data.schema > layout.schema) {
    throw layout.corrupt('was written by a newer version of this package');
  }
  await migrate(db, layout, known.data.schema);
}

/** The version is raised after each step is done, so that a step cut off is taken again. */
async function migrate(db: Level, { kind, schema, migrations }: Layout, from: number) {
  for (let version = from; version < schema; version += 1) {
    await migrations[version]?.(db);
    await writeMeta(db, kind, version + 1);
  }
}

async function writeMeta(db: Level, kind: Layout['kind'], schema: number): Promise<void> {
  const meta = { owner: 'sagecrm-events', kind, schema };
  await db.put(META_KEY, JSON.stringify(meta), DURABLE);
}

function openError(error: unknown, layout: Layout): Error {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (isLocked(cause)) return stateLocked(cause);
  // Without one of its files LevelDB says that it found no such file.
  const isIncomplete = cause instanceof Error && /No such file/i.test(cause.message);
  if (code === 'LEVEL_CORRUPTION' || isIncomplete) return layout.corrupt('is damaged', cause);
  return stateIo('opened', cause ?? error);
}

function isLocked(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
}
