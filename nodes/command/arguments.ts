import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { redisProperties } from '../../src/config/redis-properties';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { otherThan, STORE_KINDS, type StoreKind } from '../../src/store/migration/movable';

export const USAGE = `Moves the state of poll and callback nodes between the embedded store and Redis,
while Node-RED is stopped.

  sagecrm-migrate --from embedded --to redis [--user-dir ~/.node-red] [--node ID]… [--dry-run]
  sagecrm-migrate --from redis --to embedded [--user-dir ~/.node-red] [--node ID]… [--dry-run]

  --from, --to  embedded or redis
  --user-dir    Node-RED's user directory; without it ~/.node-red
  --node        the id of a node, as often as needed; without it all that have state
  --prefix      the prefix set in the server node; without it sagecrm
  --dry-run     only tells what would be moved
  --help        shows this

Redis is found by SAGECRM_REDIS_URL, SAGECRM_REDIS_USERNAME and SAGECRM_REDIS_PASSWORD.`;

export interface MigrateOptions {
  userDir: string;
  from: StoreKind;
  /** Ids; empty: all that have state. */
  nodes: readonly string[];
  prefix: string;
  isDryRun: boolean;
}

const valuesSchema = z.object({
  from: z.enum(STORE_KINDS),
  to: z.enum(STORE_KINDS),
  'user-dir': z.string().min(1).optional(),
  node: z.array(z.string().min(1)).default([]),
  prefix: redisProperties.redisPrefix,
  'dry-run': z.boolean().default(false),
});

/**
 * @param home where Node-RED has its user directory, unless it is told
 * @returns undefined when only help is asked for
 * @throws SageCrmError `INPUT_INVALID`
 */
export function readArguments(args: readonly string[], home: string): MigrateOptions | undefined {
  const given = parsed(args);
  if (given.help === true) return undefined;
  const found = valuesSchema.safeParse(given);
  if (!found.success) {
    const names = found.error.issues.map(({ path: [name] }) => `--${String(name)}`);
    throw notUnderstood(`${[...new Set(names)].join(' and ')} cannot be understood, or is missing`);
  }
  const values = found.data;
  const { from, to, node: nodes, prefix, 'dry-run': isDryRun } = values;
  if (to !== otherThan(from)) throw notUnderstood('--from and --to are the same store');
  const userDir = path.resolve(values['user-dir'] ?? path.join(home, '.node-red'));
  return { userDir, from, nodes, prefix, isDryRun };
}

function parsed(args: readonly string[]): Record<string, unknown> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        'user-dir': { type: 'string' },
        node: { type: 'string', multiple: true },
        prefix: { type: 'string' },
        'dry-run': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    return values;
  } catch (error) {
    throw notUnderstood(error instanceof Error ? error.message : String(error));
  }
}

function notUnderstood(what: string): SageCrmError {
  return new SageCrmError('INPUT_INVALID', what, 'run sagecrm-migrate --help to see what it takes');
}
