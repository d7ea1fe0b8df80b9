import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT, runCaptured, scriptOf } from './process';

/** One process of a test run, or a few that belong together. */
export interface Task {
  name: string;
  run: (place: Place) => Promise<Outcome>;
}

/** What all tasks of a run share. */
interface Place {
  /** For temporary files. */
  folder: string;
  /** A task that takes longer hangs. */
  limitMs: number;
}

export interface RunOptions {
  /** How many tasks run at once. */
  lanes: number;
  /** For one task; by default 20 minutes. */
  limitMs?: number;
  /** What a task has printed is shown also when it has not failed. */
  isTold?: boolean;
}

interface Counts {
  passed: number;
  failed: number;
  /** A text for each test that failed: where it stands, and what went wrong. */
  failures: string[];
}

export interface Outcome extends Counts {
  /** Why the task failed when no test of it did. */
  reason: string;
  /** What it printed, for people who look for the cause of a failure. */
  output: string;
}

interface Result extends Outcome {
  name: string;
  seconds: number;
}

const NO_TESTS: Counts = { passed: 0, failed: 0, failures: [] };

const MEMORY = '/dev/shm';
const LEAST_ROOM = 2 ** 32;

const TASK_LIMIT_MS = 20 * 60_000;

/** One that succeeds or fails as a whole, such as what must be clean before a test counts. */
export function gate(name: string, args: readonly string[]): Task {
  const run = async ({ limitMs: timeoutMs }: Place): Promise<Outcome> => {
    const { code, output } = await runCaptured(process.execPath, args, { timeoutMs });
    if (code === 0) return { ...NO_TESTS, passed: 1, reason: '', output };
    return { ...NO_TESTS, failed: 1, reason: `exit code ${code}`, output };
  };
  return { name, run };
}

export interface MochaOptions {
  /** The Node.js that runs them; the one of this process unless said otherwise. */
  node?: string;
  env?: Record<string, string>;
}

/**
 * Test files that one process of mocha runs.
 *
 * @param files paths or patterns
 * @param options resolve once what the tests need is there
 */
export function mocha(
  name: string,
  files: readonly string[],
  options: () => Promise<MochaOptions>,
): Task {
  return { name, run: async (place) => runMocha(files, place, await options()) };
}

async function runMocha(
  files: readonly string[],
  { folder, limitMs: timeoutMs }: Place,
  { node, env }: MochaOptions,
): Promise<Outcome> {
  const counted = path.join(mkdtempSync(path.join(folder, 'counts-')), 'counts');
  writeFileSync(counted, '');
  const reporter = ['--reporter', path.join(ROOT, 'test/support/reporter.ts')];
  const args = [scriptOf('mocha'), ...reporter, ...files];
  const { code, output } = await runCaptured(node ?? process.execPath, args, {
    env: { ...env, TEST_COUNTS: counted, TMPDIR: folder },
    timeoutMs,
  });
  return { ...judge(readCounts(counted), code), output };
}

/**
 * In memory where there is room: tests wait for the disk a thousand times, and how long that takes is
 * up to whatever else uses it. A killed process leaves the same behind there.
 */
function placeOfFiles(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= LEAST_ROOM ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
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

/** A task that ran no test or crashed has failed once. */
function judge(counts: Counts, code: number): Counts & { reason: string } {
  if (counts.failed > 0) return { ...counts, reason: '' };
  if (counts.passed === 0) return { ...counts, failed: 1, reason: 'no test ran' };
  if (code !== 0) return { ...counts, failed: 1, reason: `exit code ${code}` };
  return { ...counts, reason: '' };
}

/**
 * Runs the tasks in their order, and prints a line for each as it ends, and all that a failed one has
 * printed. The last line is `N passed, N failed`; the exit code tells it, too.
 */
export async function runTasks(
  tasks: readonly Task[],
  { lanes, limitMs = TASK_LIMIT_MS, isTold = false }: RunOptions,
): Promise<void> {
  const began = performance.now();
  // A process that is killed cannot remove what it has written; what was compiled serves all of them.
  const folder = mkdtempSync(path.join(placeOfFiles(), 'sagecrm-test-'));
  const waiting = [...tasks];
  const results: Result[] = [];
  const lane = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      const result = await timed(task, { folder, limitMs });
      if (isTold || result.failed > 0) console.log(`\n== ${result.name}\n${result.output}`);
      console.log(lineOf(result));
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  rmSync(folder, { recursive: true, maxRetries: 10 });
  const { passed, failed, failures } = total(results);
  for (const result of results) if (result.failed > 0) console.log(lineOf(result));
  // Once more at the end: of a long log, often only the end is looked at or kept.
  for (const failure of failures) console.log(`\n${failure}`);
  process.exitCode = failed > 0 ? 1 : 0;
  console.log(`\n${results.length} tasks in ${seconds(began).toFixed(1)} s`);
  console.log(`${passed} passed, ${failed} failed`);
}

async function timed({ name, run }: Task, place: Place): Promise<Result> {
  const began = performance.now();
  const outcome = await run(place).catch((error: unknown): Outcome => {
    const output = error instanceof Error ? error.message : String(error);
    return { ...NO_TESTS, failed: 1, reason: 'could not be run', output };
  });
  return { ...outcome, name, seconds: seconds(began) };
}

function seconds(began: number): number {
  return (performance.now() - began) / 1000;
}

function lineOf({ name, passed, failed, seconds, reason }: Result): string {
  const verdict = failed > 0 ? 'FAILED' : 'ok';
  const columns = [verdict.padEnd(6), `${seconds.toFixed(1)} s`.padStart(8), name];
  if (passed + failed > 0) columns.push(`${passed} passed, ${failed} failed`);
  if (reason !== '') columns.push(`(${reason})`);
  return columns.join('  ');
}
