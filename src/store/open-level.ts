import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { z } from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';
import { parsedJson } from '../json/parsed-json';
import { STATE_SCHEMA } from './poll-store';
import { stateCorrupt, stateIo, stateLocked } from './state-error';

export type Level = ClassicLevel;

const META_KEY = 'meta';
const metaSchema = z.object({
  owner: z.literal('sagecrm-events'),
  schema: z.literal(STATE_SCHEMA),
});

/** Small: a node's state is small, and many nodes share a small machine. */
const WRITE_BUFFER_BYTES = 1024 * 1024;
const CACHE_BYTES = 512 * 1024;

/**
 * Opens the database in `folder`, making it if there is none.
 *
 * @throws SageCrmError `STATE_LOCKED`, `STATE_CORRUPT` or `STATE_IO`
 */
export async function openLevel(folder: string): Promise<Level> {
  await makeFolder(folder);
  const db: Level = new ClassicLevel(folder, {
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
    writeBufferSize: WRITE_BUFFER_BYTES,
    cacheSize: CACHE_BYTES,
  });
  try {
    await db.open();
  } catch (error) {
    throw openError(error);
  }
  try {
    await claim(db);
  } catch (error) {
    await db.close();
    throw error;
  }
  return db;
}

async function makeFolder(folder: string): Promise<void> {
  // LevelDB would make a new database among the remains of a broken one without a word.
  try {
    if (existsSync(folder) && !existsSync(path.join(folder, 'CURRENT')) && holdsFiles(folder)) {
      throw stateCorrupt('has lost its main file');
    }
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw error instanceof SageCrmError ? error : stateIo('created', error);
  }
}

function holdsFiles(folder: string): boolean {
  return readdirSync(folder).some((name) => /\.(ldb|log|sst)$|^MANIFEST/.test(name));
}

async function claim(db: Level): Promise<void> {
  const meta = await db.get(META_KEY);
  if (meta !== undefined) {
    const known = metaSchema.safeParse(parsedJson(meta));
    if (!known.success) throw stateCorrupt('was written by another version of this package');
    return;
  }
  const others = await db.keys({ limit: 1 }).all();
  if (others.length > 0) throw stateCorrupt('belongs to something else');
  const fresh = { owner: 'sagecrm-events', schema: STATE_SCHEMA };
  await db.put(META_KEY, JSON.stringify(fresh), { sync: true });
}

function openError(error: unknown): Error {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'LEVEL_LOCKED') return stateLocked(cause);
  // Without one of its files LevelDB says that it found no such file.
  const isIncomplete = cause instanceof Error && /No such file/i.test(cause.message);
  if (code === 'LEVEL_CORRUPTION' || isIncomplete) return stateCorrupt('is damaged', cause);
  return stateIo('opened', cause ?? error);
}
