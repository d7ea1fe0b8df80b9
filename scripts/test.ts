import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureChromium } from './chromium';
import { installInto, packInto } from './package';
import { ROOT, scriptOf } from './process';
import { ensurePython } from './python';
import { ensureRedisServer } from './redis';
import { ensureNodeRed5, type Runtime } from './runtimes';
import { gate, mocha, runTasks, type MochaOptions, type Task } from './tasks';

/** Two keep the processor busy while the others wait: for a process, a retry, a browser. */
const LANES = 4;

const NODE_TESTS = 'test/nodes/**/*.test.ts';
/** Random histories of each model. */
const MODEL_RUNS = '100';

/** Mocha processes of about the same length; what is left of the unit tests is one more. */
const LONG_UNIT_FOLDERS = ['delivery', 'poll'];

/** Less is moved about by the garbage collector; they take a sixth less of the processor's time. */
const ROOMY = '--max-semi-space-size=64';

/** To start a process for each of the others would take as long as their tests. */
const LONG_REDIS_TESTS =
  /command|kinds|outbox-faults|outbox\.test|polling|processes|tls\.test|outbox-migration/;

/** Everything that some tests need beside the installed packages, made ready while others run. */
interface Preparations {
  python: Promise<unknown>;
  redis: Promise<string>;
  runtime: Promise<Runtime>;
  /** What end-to-end tests are told. */
  packed: Promise<Record<string, string>>;
}

async function main(): Promise<void> {
  const quick = process.argv.includes('--quick');
  const lanes = LANES;
  if (quick) await runTasks([build(), ...gates(), ...unitTests(prepared(ensurePython))], { lanes });
  else await withFolder((folder) => runTasks(wholeRun(prepareAll(folder)), { lanes }));
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sagecrm-tested-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function wholeRun({ python, redis, runtime, packed }: Preparations): Task[] {
  return [
    // What is long and needs nothing comes first: the others are made ready meanwhile.
    ...gates(),
    ...kills(),
    ...unitTests(python),
    ...endToEnd(packed),
    ...redisTests(redis),
    nodeTestsOn(runtime),
  ];
}

/** Debian's packages are installed one after the other, since they share a lock. */
function prepareAll(folder: string): Preparations {
  const python = prepared(ensurePython);
  const chromium = python.then(ensureChromium);
  const redis = prepared(() => chromium.then(ensureRedisServer));
  const runtime = prepared(ensureNodeRed5);
  const packed = prepared(async () => {
    const env = await packAndInstall(folder);
    await Promise.all([chromium, runtime]);
    return env;
  });
  return { python, redis, runtime, packed };
}

/**
 * All end-to-end tests share one tarball and one installation of it. It lies outside of the repository,
 * where it would find the packages that it must bring itself.
 */
async function packAndInstall(folder: string): Promise<Record<string, string>> {
  const tarball = await packInto(folder);
  const installed = path.join(folder, 'installed');
  await installInto(installed, tarball);
  return { TEST_TARBALL: tarball, TEST_INSTALLED: installed };
}

/** Begins at once; a failure is that of the tasks that wait for it. */
function prepared<T>(prepare: () => Promise<T>): Promise<T> {
  const result = prepare();
  result.catch(() => undefined);
  return result;
}

function build(): Task {
  return gate('build', ['--import', 'tsx', path.join(__dirname, 'build.ts')]);
}

function gates(): Task[] {
  return [
    gate('types and lint', [ROOMY, '--import', 'tsx', path.join(__dirname, 'lint.ts')]),
    gate('format', [ROOMY, scriptOf('prettier'), '--check', '--log-level=warn', '.']),
  ];
}

/** A page of the documentation has code in Python, which a test runs. */
function unitTests(python: Promise<unknown>): Task[] {
  const options = async (): Promise<MochaOptions> => {
    await python;
    return {};
  };
  const specs = (folder: string): string => `test/unit/${folder}/**/*.test.ts`;
  const others = namesIn('test/unit').filter((name) => !LONG_UNIT_FOLDERS.includes(name));
  return [
    ...LONG_UNIT_FOLDERS.map((folder) => mocha(`unit: ${folder}`, [specs(folder)], options)),
    mocha('unit: all others', others.map(specs), options),
    mocha('nodes on Node-RED 4.1', [NODE_TESTS], options),
  ];
}

function nodeTestsOn(runtime: Promise<Runtime>): Task {
  return mocha('nodes on Node-RED 5', [NODE_TESTS], async () => {
    const { node, folder } = await runtime;
    return { node, env: { TEST_NODE_RED: path.join(folder, 'lib', 'red.js') } };
  });
}

function redisTests(redis: Promise<string>): Task[] {
  const options = async (): Promise<MochaOptions> => ({
    env: { REDIS_SERVER: await redis, MODEL_RUNS },
  });
  const files = testFiles('test/redis');
  const isLong = (file: string): boolean => LONG_REDIS_TESTS.test(file);
  return [
    ...files.filter(isLong).map((file) => mocha(file, [file], options)),
    mocha(
      'redis: all others',
      files.filter((file) => !isLong(file)),
      options,
    ),
  ];
}

function kills(): Task[] {
  const files = [...testFiles('test/kill'), ...testFiles('test/backlog')];
  return files.map((file) => mocha(file, [file], () => Promise.resolve({})));
}

function endToEnd(packed: Promise<Record<string, string>>): Task[] {
  const options = async (): Promise<MochaOptions> => ({ env: await packed });
  const files = testFiles('test/e2e');
  const dialogs = files.filter((file) => /\beditor\b/.test(file));
  const half = Math.ceil(dialogs.length / 2);
  return [
    mocha('dialogs, first half', dialogs.slice(0, half), options),
    mocha('dialogs, second half', dialogs.slice(half), options),
    ...files.filter((file) => !dialogs.includes(file)).map((file) => mocha(file, [file], options)),
  ];
}

function testFiles(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`);
}

function namesIn(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder)).sort();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
  console.log('0 passed, 1 failed');
});
