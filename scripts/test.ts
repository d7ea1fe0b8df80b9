import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureChromium } from './chromium';
import { packInto } from './package';
import { ensurePython } from './python';
import { ROOT, runCaptured, runThrough, scriptOf } from './process';
import { ensureRedisServer } from './redis';
import { ensureNodeRed5, type Runtime } from './runtimes';

interface Counts {
  passed: number;
  failed: number;
  /** A text for each test that failed: where it stands, and what went wrong. */
  failures: string[];
}

interface StageResult extends Counts {
  name: string;
  seconds: number;
  /** Why the stage failed when no test of it did. */
  reason: string;
}

const NO_TESTS: Counts = { passed: 0, failed: 0, failures: [] };

/** A stage that takes longer hangs. */
const STAGE_LIMIT_MS = 45 * 60_000;
/** These tests wait more than they work: for processes, for retries, for a browser. */
const FILES_AT_ONCE = 2;

const NODE_TESTS = 'test/nodes/**/*.test.ts';
/** On a real redis-server. */
const REDIS_TESTS = 'test/redis/**/*.test.ts';
const ENDURANCE_TESTS = ['test/kill/**/*.test.ts', 'test/backlog/**/*.test.ts'];

/** What the tests in this process's children have run, a file for each of them. */
const COVERAGE_FOLDER = path.join(ROOT, '.build', 'coverage');

const COVERAGE = [
  ['report', `--temp-directory=${COVERAGE_FOLDER}`],
  ['--all', '--check-coverage', '--reporter=text', '--reporter=lcov'],
  ['--lines=95', '--functions=95', '--statements=95', '--branches=85'],
  ['--include=src/**/*.ts', '--include=nodes/**/*.ts'],
  // The dialogs run in the browser, where the end-to-end tests open them.
  ['--exclude=nodes/editor/**', '--exclude=**/*.d.ts'],
].flat();

const COVERED = { NODE_V8_COVERAGE: COVERAGE_FOLDER };

async function main(): Promise<void> {
  const quick = process.argv.includes('--quick');
  const results = await gates();
  const python = await prepared('Python', ensurePython);
  if (python.failure) results.push(python.failure);
  rmSync(COVERAGE_FOLDER, { recursive: true, force: true });
  results.push(await unitAndNodeTests());
  if (!quick) results.push(...(await fullStages()));
  report(results);
}

/** What must be clean before a test counts; they run side by side and print only complaints. */
function gates(): Promise<StageResult[]> {
  const tsx = scriptOf('tsx');
  return Promise.all([
    gate('build', [tsx, path.join(__dirname, 'build.ts')]),
    gate('types', [scriptOf('typescript', 'tsc'), '--noEmit']),
    gate('lint', [scriptOf('eslint'), '.', '--max-warnings=0']),
    gate('format', [scriptOf('prettier'), '--check', '.']),
  ]);
}

function gate(name: string, args: readonly string[]): Promise<StageResult> {
  return timed(name, async () => {
    const { code, output } = await runCaptured(process.execPath, args);
    if (code === 0) return { ...NO_TESTS, reason: '' };
    console.log(`\n${name}\n${output}`);
    return { ...NO_TESTS, failed: 1, reason: 'complaints above' };
  });
}

function unitAndNodeTests(): Promise<StageResult> {
  const specs = ['test/unit/**/*.test.ts', NODE_TESTS];
  return mochaStage('unit and nodes, Node-RED 4.1', specs, { env: COVERED });
}

async function fullStages(): Promise<StageResult[]> {
  const runtime = await prepared('Node-RED 5', ensureNodeRed5);
  const chromium = await prepared('Chromium', ensureChromium);
  const redis = await prepared('Redis', ensureRedisServer);
  const tarball = await prepared('tarball', () => packInto(path.join(ROOT, '.build', 'tested')));
  const failures = [runtime, chromium, redis, tarball].flatMap(({ failure }) => failure ?? []);
  return [
    ...failures,
    await mochaStage('kills and a backlog', ENDURANCE_TESTS),
    ...(redis.value ? [await redisTests(redis.value), await coverage()] : []),
    ...(runtime.value ? [await nodeTestsOn(runtime.value)] : []),
    ...(tarball.value ? [await endToEnd(tarball.value)] : []),
  ];
}

/** All files share one tarball: each process that packed its own would build over the others. */
function endToEnd(tarball: string): Promise<StageResult> {
  const specs = ['--parallel', '--jobs', String(FILES_AT_ONCE), 'test/e2e/**/*.test.ts'];
  return mochaStage('end to end, Node-RED 4.1 and 5', specs, { env: { TEST_TARBALL: tarball } });
}

function redisTests(server: string): Promise<StageResult> {
  const env = { ...COVERED, REDIS_SERVER: server };
  return mochaStage('several instances on Redis', [REDIS_TESTS], { env });
}

/** Of the tests that run in one process: unit, nodes and Redis. */
function coverage(): Promise<StageResult> {
  return gate('coverage', [scriptOf('c8'), ...COVERAGE]);
}

function nodeTestsOn(runtime: Runtime): Promise<StageResult> {
  return mochaStage(`nodes, ${runtime.name}`, [NODE_TESTS], {
    node: runtime.node,
    env: { TEST_NODE_RED: path.join(runtime.folder, 'lib', 'red.js') },
  });
}

/** Runs a preparation; its failure becomes a failed stage rather than the end of the run. */
async function prepared<T>(
  name: string,
  prepare: () => Promise<T>,
): Promise<{ value?: T; failure?: StageResult }> {
  try {
    return { value: await prepare() };
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    const reason = 'could not be prepared';
    return { failure: { ...NO_TESTS, name, failed: 1, seconds: 0, reason } };
  }
}

interface MochaOptions {
  node?: string;
  env?: Record<string, string>;
}

function mochaStage(
  name: string,
  specs: readonly string[],
  options: MochaOptions = {},
): Promise<StageResult> {
  return timed(name, async () => {
    console.log(`\n== ${name}`);
    const folder = mkdtempSync(path.join(tmpdir(), 'sagecrm-test-'));
    const file = path.join(folder, 'counts');
    writeFileSync(file, '');
    const mocha = [scriptOf('mocha'), '--reporter', path.join(ROOT, 'test/support/reporter.ts')];
    const code = await runThrough(options.node ?? process.execPath, [...mocha, ...specs], {
      // Mocha ends the processes of parallel files before they can remove what they have written.
      env: { ...options.env, TEST_COUNTS: file, TMPDIR: folder },
      timeoutMs: STAGE_LIMIT_MS,
    });
    const counts = readCounts(file);
    rmSync(folder, { recursive: true, maxRetries: 10 });
    return judge(counts, code);
  });
}

function readCounts(file: string): Counts {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return total(lines.map((line) => JSON.parse(line) as Counts));
}

function total(counts: readonly Counts[]): Counts {
  return {
    passed: counts.reduce((sum, { passed }) => sum + passed, 0),
    failed: counts.reduce((sum, { failed }) => sum + failed, 0),
    failures: counts.flatMap(({ failures }) => failures),
  };
}

/** A stage that ran no test or crashed has failed once. */
function judge(counts: Counts, code: number): Counts & { reason: string } {
  if (counts.failed > 0) return { ...counts, reason: '' };
  if (counts.passed === 0) return { ...counts, failed: 1, reason: 'no test ran' };
  if (code !== 0) return { ...counts, failed: 1, reason: `exit code ${code}` };
  return { ...counts, reason: '' };
}

async function timed(
  name: string,
  work: () => Promise<Counts & { reason: string }>,
): Promise<StageResult> {
  const begin = performance.now();
  const result = await work();
  return { ...result, name, seconds: (performance.now() - begin) / 1000 };
}

function report(results: readonly StageResult[]): void {
  const width = Math.max(...results.map(({ name }) => name.length));
  console.log('');
  for (const { name, passed, failed, seconds, reason } of results) {
    const verdict = failed > 0 ? 'FAILED' : 'ok';
    const columns = [name.padEnd(width), verdict.padEnd(6), `${seconds.toFixed(1)} s`.padStart(8)];
    if (passed + failed > 0) columns.push(`${passed} passed, ${failed} failed`);
    if (reason !== '') columns.push(`(${reason})`);
    console.log(`  ${columns.join('  ')}`);
  }
  const { passed, failed, failures } = total(results);
  // Once more at the end: of a long log, often only the end is looked at or kept.
  for (const failure of failures) console.log(`\n${failure}`);
  process.exitCode = failed > 0 ? 1 : 0;
  console.log(`\n${passed} passed, ${failed} failed`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
  console.log('0 passed, 1 failed');
});
