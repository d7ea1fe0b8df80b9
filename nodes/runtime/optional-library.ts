import { createRequire } from 'node:module';
import path from 'node:path';
import { SageCrmError } from '../../src/errors/sagecrm-error';

/** Both are needed only by those who keep their state on Redis. */
export const REDIS_LIBRARIES = ['ioredis', 'bullmq'] as const;

/**
 * Loads a library that does not come with this package: from Node-RED's user directory, where users
 * install, or from beside this package.
 *
 * @throws SageCrmError `REDIS_MISSING` with the command that installs it
 */
export function loadRedisLibrary(
  userDir: string | undefined,
  name: (typeof REDIS_LIBRARIES)[number],
): unknown {
  const places = [
    ...(userDir === undefined ? [] : [path.join(userDir, 'package.json')]),
    __filename,
  ];
  for (const place of places) {
    const load = createRequire(place);
    try {
      return load(name);
    } catch (error) {
      if (!isMissing(error, name)) throw libraryMissing(name, userDir, error);
    }
  }
  throw libraryMissing(name, userDir);
}

/** Something that the library itself needs may be missing, too. */
function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'MODULE_NOT_FOUND' &&
    error.message.includes(`'${name}'`)
  );
}

function libraryMissing(name: string, userDir: string | undefined, cause?: unknown): SageCrmError {
  return new SageCrmError(
    'REDIS_MISSING',
    `the state is to be kept on Redis, but the library ${name} ${cause === undefined ? 'is not installed' : 'cannot be loaded'}`,
    `run "npm install ${REDIS_LIBRARIES.join(' ')}" in Node-RED's user directory${userDir === undefined ? '' : ` (${userDir})`}, then restart Node-RED`,
    { cause },
  );
}
