import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packInto } from './package';
import { ROOT, runThrough, scriptOf } from './process';
import { ensureRedisServer } from './redis';

interface Verdict {
  passed: number;
  failed: number;
}

interface Stage {
  name: string;
  run: () => Promise<Verdict>;
}

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

const STAGES: readonly Stage[] = [
  { name: 'models', run: models },
  { name: 'kills', run: randomKills },
  { name: 'backlog', run: () => script('backlog.ts') },
  { name: 'mutants', run: () => script('mutants.ts') },
  { name: 'coverage', run: coverage },
  { name: 'nodes', run: nodeVersions },
];

const USAGE = `usage: npm run test:endurance -- [${STAGES.map(({ name }) => name).join(' | ')}]…
  without a name: all, one after the other`;

/** What only gains by length, and needs not be known of every change. */
async function main(): Promise<void> {
  const total: Verdict = { passed: 0, failed: 0 };
  for (const { name, run } of chosen(process.argv.slice(2))) {
    console.log(`\n== ${name}`);
    const begin = performance.now();
    const { passed, failed } = await run().catch(complain);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    console.log(`${name}: ${passed} passed, ${failed} failed in ${seconds} s`);
    total.passed += passed;
    total.failed += failed;
  }
  process.exitCode = total.failed > 0 ? 1 : 0;
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
}

function chosen(names: readonly string[]): readonly Stage[] {
  const unknown = names.find((name) => !STAGES.some((stage) => stage.name === name));
  if (unknown !== undefined) throw new Error(`${unknown} is no stage\n${USAGE}`);
  return names.length === 0 ? STAGES : STAGES.filter(({ name }) => names.includes(name));
}

/** Another seed each time; the one of a run that failed repeats it. */
function seed(variable: string): Record<string, string> {
  const value = process.env[variable] ?? String(randomInt(2 ** 31));
  console.log(`${variable}=${value}`);
  return { [variable]: value };
}

async function models(): Promise<Verdict> {
  const REDIS_SERVER = await ensureRedisServer();
  return mocha(MODELS, { ...seed('PROPERTY_SEED'), MODEL_RUNS, REDIS_SERVER });
}

function randomKills(): Promise<Verdict> {
  return mocha(['test/endurance/random-kills.test.ts'], seed('KILL_SEED'));
}

/** The tarball starts where users run it, beside the Node.js that all tests run on. */
async function nodeVersions(): Promise<Verdict> {
  const TEST_TARBALL = await packInto(path.join(ROOT, '.build', 'tested'));
  return mocha(['test/endurance/node-versions.test.ts'], { TEST_TARBALL });
}

/** The gate is one more test. */
async function coverage(): Promise<Verdict> {
  const REDIS_SERVER = await ensureRedisServer();
  rmSync(COVERAGE_FOLDER, { recursive: true, force: true });
  const tests = await mocha(COVERED_TESTS, { REDIS_SERVER, NODE_V8_COVERAGE: COVERAGE_FOLDER });
  const gate = verdictOf(await runThrough(process.execPath, [scriptOf('c8'), ...COVERAGE]));
  return { passed: tests.passed + gate.passed, failed: tests.failed + gate.failed };
}

async function mocha(specs: readonly string[], env: Record<string, string>): Promise<Verdict> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sagecrm-endurance-'));
  const counts = path.join(folder, 'counts');
  const reporter = path.join(ROOT, 'test/support/reporter.ts');
  try {
    const args = [scriptOf('mocha'), '--reporter', reporter, ...specs];
    const code = await runThrough(process.execPath, args, { env: { ...env, TEST_COUNTS: counts } });
    const { passed, failed } = JSON.parse(readFileSync(counts, 'utf8')) as Verdict;
    // A run that found nothing to do, or broke off, has failed whatever it counted.
    return failed === 0 && (code !== 0 || passed === 0)
      ? { passed, failed: 1 }
      : { passed, failed };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function script(name: string): Promise<Verdict> {
  const args = ['--import', 'tsx', path.join(__dirname, name)];
  return verdictOf(await runThrough(process.execPath, args));
}

function verdictOf(code: number): Verdict {
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function complain(error: unknown): Verdict {
  console.error(error);
  return { passed: 0, failed: 1 };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
  console.log('0 passed, 1 failed');
});
