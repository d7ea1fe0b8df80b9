import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { packInto } from './package';
import { ROOT, scriptOf } from './process';
import { ensureRedisServer } from './redis';
import { gate, mocha, runTasks, type Task } from './tasks';

/** A million records take half an hour on a slow machine. */
const LIMIT_MS = 3 * 3_600_000;

/** Those that play `MODEL_RUNS` random histories. */
const MODELS = [
  'test/unit/poll/model.test.ts',
  'test/unit/store/model.test.ts',
  'test/unit/delivery/outbox-model.test.ts',
  'test/redis/lease-model.test.ts',
  'test/redis/polling.test.ts',
];
const MODEL_RUNS = '1000';

/** What runs in mocha's own process, and so can be seen. */
const COVERED_TESTS = ['test/{unit,nodes,redis}/**/*.test.ts'];
const COVERAGE_FOLDER = path.join(ROOT, '.build', 'coverage');
const COVERAGE = [
  ['report', `--temp-directory=${COVERAGE_FOLDER}`],
  ['--all', '--check-coverage', '--reporter=text', '--reporter=lcov'],
  ['--lines=95', '--functions=95', '--statements=95', '--branches=85'],
  ['--include=src/**/*.ts', '--include=nodes/**/*.ts'],
  // The dialogs run in the browser, where the end-to-end tests open them.
  ['--exclude=nodes/editor/**', '--exclude=**/*.d.ts'],
].flat();

const STAGES = { models, kills, backlog, mutants, coverage, nodes };

const USAGE = `usage: npm run test:endurance -- [${Object.keys(STAGES).join(' | ')}]…
  without a name: all, one after the other`;

/** What only gains by length, and needs not be known of every change. */
async function main(): Promise<void> {
  const tasks = chosen(process.argv.slice(2)).flatMap((stage) => stage());
  // One at a time: some measure memory, and others how much can be done at once.
  await runTasks(tasks, { lanes: 1, limitMs: LIMIT_MS, isTold: true });
}

function chosen(names: readonly string[]): (() => Task[])[] {
  const stages = new Map(Object.entries(STAGES));
  const wanted = names.length === 0 ? [...stages.keys()] : names;
  return wanted.map((name) => {
    const stage = stages.get(name);
    if (stage === undefined) throw new Error(`${name} is no stage\n${USAGE}`);
    return stage;
  });
}

function models(): Task[] {
  const drawn = seed('PROPERTY_SEED');
  const env = async () => ({ ...drawn, MODEL_RUNS, REDIS_SERVER: await ensureRedisServer() });
  return [mocha('models', MODELS, async () => ({ env: await env() }))];
}

function kills(): Task[] {
  const env = seed('KILL_SEED');
  const files = ['test/endurance/random-kills.test.ts'];
  return [mocha('kills', files, () => Promise.resolve({ env }))];
}

function backlog(): Task[] {
  return [script('backlog', 'backlog.ts')];
}

function mutants(): Task[] {
  return [script('mutants', 'mutants.ts')];
}

function coverage(): Task[] {
  const covered = mocha('coverage: tests', COVERED_TESTS, async () => {
    const REDIS_SERVER = await ensureRedisServer();
    rmSync(COVERAGE_FOLDER, { recursive: true, force: true });
    return { env: { REDIS_SERVER, NODE_V8_COVERAGE: COVERAGE_FOLDER } };
  });
  return [covered, gate('coverage: share', [scriptOf('c8'), ...COVERAGE])];
}

/** The tarball starts where users run it, beside the Node.js that all tests run on. */
function nodes(): Task[] {
  const files = ['test/endurance/node-versions.test.ts'];
  const env = async () => ({
    TEST_TARBALL: await packInto(path.join(ROOT, '.build', 'tested')),
  });
  return [mocha('nodes', files, async () => ({ env: await env() }))];
}

/** Another seed each time; the one of a run that failed repeats it. */
function seed(variable: string): Record<string, string> {
  const value = process.env[variable] ?? String(randomInt(2 ** 31));
  console.log(`${variable}=${value}`);
  return { [variable]: value };
}

function script(name: string, file: string): Task {
  return gate(name, ['--import', 'tsx', path.join(__dirname, file)]);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
  console.log('0 passed, 1 failed');
});
