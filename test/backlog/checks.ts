import type { Tally } from './ledger';
import { Stage, type Finished, type StageOptions } from './stage';

/** Read at once from the journal. */
const MOST_READ = 400;
/** Handed to the flow at once, so also what a kill may repeat where emission is the commit. */
const SLICE = 100;
const MEBIBYTE = 1024 * 1024;

export interface Outcome {
  finished: Finished;
  tally: Tally;
  /** What should not be; empty when all went well. */
  problems: string[];
}

/** One process polls the whole backlog. */
export async function wholeBacklog(options: StageOptions): Promise<Outcome> {
  return onStage(options, async (stage) => {
    const finished = await stage.run();
    const tally = stage.tally();
    const { records } = options;
    const problems = [
      ...lasting(tally, finished, options),
      ...expected('events journaled', finished.report.journaled, records),
      ...expected('messages repeated', tally.repeated, 0),
    ];
    return { finished, tally, problems };
  });
}

/** One process is killed while it reads, a second one while it emits; a third one comes to the end. */
export async function killedBacklog(options: StageOptions): Promise<Outcome> {
  return onStage(options, async (stage) => {
    const { records } = options;
    const middle = records / 2;
    await stage.runUntil({ phase: 'reading', count: middle });
    const kept = await stage.journaled();
    const second = await stage.runUntil({ phase: 'emitting', count: middle });
    const finished = await stage.run();
    const tally = stage.tally();
    const problems = [
      ...lasting(tally, finished, options),
      ...within('events in the journal at the first kill', kept, middle / 2, records - 1),
      ...expected('events journaled after the first kill', second.journaled, records - kept),
      ...expected('events journaled after the second kill', finished.report.journaled, 0),
      ...within('messages repeated', tally.repeated, 0, mostRepeated(options)),
    ];
    return { finished, tally, problems };
  });
}

/** Complains when memory grew too far above what the process took at rest. */
export function memoryProblems({ report }: Finished, limit: number): string[] {
  const growth = (report.peak.rss - report.idle.rss) / MEBIBYTE;
  return within('MiB of memory above idle', Math.ceil(growth), 0, limit / MEBIBYTE - 1);
}

/** What holds however often the work was cut off. */
function lasting(
  tally: Tally,
  { report }: Finished,
  { commit, pageSize, maxInFlight }: StageOptions,
): string[] {
  return [
    ...expected('records lost', tally.lost, 0),
    ...expected('records with two events', tally.doubled, 0),
    ...expected('messages out of order', tally.outOfOrder, 0),
    ...expected('messages of one more poll', report.emittedAgain, 0),
    ...within('events in one write', report.largestWrite, 0, pageSize),
    ...within('events in one read', report.largestRead, 0, MOST_READ),
    ...(commit === 'emitted'
      ? []
      : within('messages unacknowledged', report.mostUnacknowledged, 1, maxInFlight)),
  ];
}

function mostRepeated({ commit, maxInFlight }: StageOptions): number {
  return commit === 'emitted' ? SLICE : maxInFlight;
}

function expected(what: string, actual: number, wanted: number): string[] {
  return actual === wanted ? [] : [`${actual} ${what}, not ${wanted}`];
}

function within(what: string, actual: number, least: number, most: number): string[] {
  return actual >= least && actual <= most ? [] : [`${actual} ${what}, not ${least} to ${most}`];
}

async function onStage(
  options: StageOptions,
  play: (stage: Stage) => Promise<Outcome>,
): Promise<Outcome> {
  const stage = await Stage.start(options);
  try {
    return await play(stage);
  } finally {
    await stage.close();
  }
}
