import { findProgram, installFromDebian } from './debian';

const NAME = 'redis-server';

/** The path of a `redis-server`; as root on Debian it is installed first. Throws when there is none. */
export async function ensureRedisServer(): Promise<string> {
  const found = findProgram([NAME]);
  if (found !== undefined) return found;
  await installFromDebian(NAME);
  const installed = findProgram([NAME]);
  if (installed !== undefined) return installed;
  throw new Error(
    'State on Redis is tested with a real server and none was found: install redis-server.',
  );
}
