import { existsSync } from 'node:fs';
import os from 'node:os';
import { redisSettings } from '../../src/config/redis-properties';
import { systemClock, type Clock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { shareRedis } from '../runtime/redis';
import { rootIn } from '../runtime/state-folder';
import { readArguments, USAGE, type MigrateOptions } from './arguments';
import { findEmbedded, findOnRedis, type FoundNode } from './find-nodes';
import { moveCallback, movePoll, surveyCallback, surveyPoll, type Moving } from './move-node';
import { outboxText, pollText, Report } from './report';

/** What the command needs of the process that it runs in. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  /** Where Node-RED has its user directory, unless it is told. */
  home: string;
  clock: Clock;
  print: (line: string) => void;
  complain: (line: string) => void;
}

/**
 * The command `sagecrm-migrate`: moves what the message `migrate` moves, for all nodes at once and
 * without Node-RED.
 *
 * @returns the exit code: 0 when all has gone well, 1 when something was not moved, 2 for arguments
 *   that are not understood
 */
export async function migrate(args: readonly string[], around: Surroundings): Promise<number> {
  const report = new Report(around);
  let options: MigrateOptions | undefined;
  try {
    options = readArguments(args, around.home);
  } catch (error) {
    report.failed(error);
    return 2;
  }
  if (options === undefined) {
    around.print(USAGE);
    return 0;
  }
  try {
    await migrateAll(options, around, report);
  } catch (error) {
    report.failed(error);
  }
  return report.failures === 0 ? 0 : 1;
}

async function migrateAll(
  options: MigrateOptions,
  { env, clock }: Surroundings,
  report: Report,
): Promise<void> {
  const { userDir, from, nodes: wanted, prefix } = options;
  if (!existsSync(userDir)) throw noUserDir(userDir);
  const settings = redisSettings(
    { redisUrl: '', redisPrefix: prefix },
    { redisUsername: '', redisPassword: '' },
    env,
  );
  const redis = shareRedis(settings, undefined, userDir);
  try {
    // Fails soon when Redis is away, before anything is looked at.
    await answering(redis);
    const root = rootIn(userDir);
    const nodes = await (from === 'embedded'
      ? findEmbedded(root, wanted)
      : findOnRedis(redis, wanted));
    report.began(options, nodes.length);
    for (const id of wanted) {
      if (!nodes.some((node) => node.id === id)) report.failed(unknownNode(id, options));
    }
    for (const node of nodes) {
      await migrateNode(node, { from, redis, root, userDir, clock }, options, report);
    }
    report.ended(options);
  } finally {
    redis.close();
  }
}

async function answering(redis: Moving['redis']): Promise<void> {
  const { connection, done } = redis.use();
  try {
    await connection.command('ping', []);
  } finally {
    done();
  }
}

async function migrateNode(
  node: FoundNode,
  moving: Moving,
  { isDryRun }: MigrateOptions,
  report: Report,
): Promise<void> {
  report.node(node);
  try {
    if (node.kind === 'callback') {
      const moved = await (isDryRun ? surveyCallback : moveCallback)(moving, node.id);
      report.line('outbox', moved === undefined ? undefined : outboxText(moved));
      return;
    }
    await (isDryRun ? surveyPoll : movePoll)(moving, node, (resource, { moved, error }) => {
      if (error === undefined)
        report.line(resource, moved === undefined ? undefined : pollText(moved));
      else report.failed(error);
    });
  } catch (error) {
    report.failed(error);
  }
}

function noUserDir(userDir: string): SageCrmError {
  return new SageCrmError(
    'INPUT_INVALID',
    `there is no user directory ${userDir}`,
    'name the one of Node-RED with --user-dir',
  );
}

function unknownNode(id: string, { from, prefix }: MigrateOptions): SageCrmError {
  return new SageCrmError(
    'INPUT_INVALID',
    `the node ${id} has no state ${from === 'embedded' ? 'in this user directory' : `on Redis with the prefix ${prefix}`}`,
    'check the id, which the sidebar "info" of the editor shows',
  );
}

/** Runs the command in this process. */
export function run(): void {
  const around: Surroundings = {
    env: process.env,
    home: os.homedir(),
    clock: systemClock(),
    print: (line) => {
      console.log(line);
    },
    complain: (line) => {
      console.error(line);
    },
  };
  void migrate(process.argv.slice(2), around).then((code) => {
    process.exitCode = code;
  });
}
