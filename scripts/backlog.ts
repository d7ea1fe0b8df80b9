import { parseArgs } from 'node:util';
import { killedBacklog, memoryProblems, wholeBacklog, type Outcome } from '../test/backlog/checks';
import type { Memory } from '../test/backlog/messages';
import type { Finished, StageOptions } from '../test/backlog/stage';

const MEBIBYTE = 1024 * 1024;
/** How far a backlog of any size may raise the memory of the process that polls it. */
const MEMORY_LIMIT = 64 * MEBIBYTE;

const USAGE = `usage: npm run test:backlog -- [options]
  --records N      size of the backlog (1000000)
  --page-size N    records per page (1000)
  --order O        shuffled | ascending (shuffled)
  --commit C       emitted | acknowledged; default: both, one after the other
  --only P         whole | killed; default: both
  --node-options O options for Node.js in the poller's process, such as --max-semi-space-size=2`;

const OPTIONS = {
  records: { type: 'string', default: '1000000' },
  'page-size': { type: 'string', default: '1000' },
  order: { type: 'string', default: 'shuffled' },
  commit: { type: 'string' },
  only: { type: 'string' },
  'node-options': { type: 'string', default: '' },
} as const;

/** Prints what a backlog costs; the exit code is 1 if it costs too much or a record. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const { commit, only } = values;
  const commits = oneOf(['emitted', 'acknowledged'] as const, commit);
  for (const mode of commits) {
    const options = stageOptions(values, mode);
    for (const part of oneOf(['whole', 'killed'] as const, only)) {
      console.log(`\n${options.records} records ${options.order}, ${mode}, ${part}`);
      if (part === 'whole') {
        const outcome = await measured(options);
        reportFigures(outcome.finished);
        reportTally(outcome);
      } else {
        reportTally(await killedBacklog(options));
      }
    }
  }
}

async function measured(options: StageOptions): Promise<Outcome> {
  const outcome = await wholeBacklog(options);
  const problems = [...outcome.problems, ...memoryProblems(outcome.finished, MEMORY_LIMIT)];
  return { ...outcome, problems };
}

function stageOptions(
  values: { records: string; 'page-size': string; order: string; 'node-options': string },
  commit: StageOptions['commit'],
): StageOptions {
  const [order] = oneOf(['shuffled', 'ascending'] as const, values.order);
  const records = Number(values.records);
  const pageSize = Number(values['page-size']);
  if (order === undefined || !(records > 0) || !(pageSize > 0)) throw new Error(USAGE);
  const execArgv = values['node-options'].split(' ').filter((option) => option !== '');
  return {
    ...{ records, order, pageSize, commit, execArgv },
    maxInFlight: 1000,
    acknowledgeAfterMs: 20,
    restMs: 500,
  };
}

/** The one asked for, or all of them. */
function oneOf<Choice extends string>(
  choices: readonly Choice[],
  asked: string | undefined,
): readonly Choice[] {
  if (asked === undefined) return choices;
  const chosen = choices.filter((choice) => choice === asked);
  if (chosen.length === 0) throw new Error(USAGE);
  return chosen;
}

function reportFigures({ report: run, diskPeak, diskEnd }: Finished): void {
  const growth = mebibytes(run.peak.rss - run.idle.rss);
  const pause = `99th percentile ${Math.round(run.pauseP99Ms)} ms, longest ${Math.round(run.pauseMaxMs)} ms`;
  console.log(`  memory    ${growth} MiB above idle at the most`);
  console.log(`            idle ${memoryText(run.idle)}`);
  console.log(`            peak ${memoryText(run.peak)}`);
  console.log(`            after ${memoryText(run.after)}`);
  console.log(`  reading   ${rate(run.records, run.readingMs)}`);
  console.log(`  emitting  ${rate(run.emitted, run.emittingMs)}`);
  console.log(`  pauses    ${pause}`);
  console.log(
    `  disk      ${mebibytes(diskPeak)} MiB at the most, ${mebibytes(diskEnd)} in the end`,
  );
}

function reportTally({ tally, problems }: Outcome): void {
  console.log(`  received  ${tally.received}: ${tally.lost} lost, ${tally.repeated} repeated`);
  for (const problem of problems) console.log(`  FAILED    ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

function memoryText({ rss, mapped, heapTotal, heapUsed, external }: Memory): string {
  const heap = `heap ${mebibytes(heapTotal)} (${mebibytes(heapUsed)} used)`;
  const files = `mapped files ${mebibytes(mapped)}`;
  return `${mebibytes(rss)} MiB: ${heap}, ${files}, buffers ${mebibytes(external)}`;
}

function mebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(1);
}

function rate(count: number, milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return `${count} in ${seconds.toFixed(1)} s, ${Math.round(count / Math.max(seconds, 0.001))} a second`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
