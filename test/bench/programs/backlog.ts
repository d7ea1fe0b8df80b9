import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { BacklogFigures, BacklogRound } from '../parts/backlog';
import type { Pace } from '../pace';
import { BareJournal } from './support/bare-journal';
import { BareReader } from './support/bare-reader';
import { inRounds, paceOf } from './support/loop';
import { PollRig } from './support/poll-rig';
import { runProgram } from './support/program';

const PAGE_SIZES = [100, 200, 1000, 5000];
const RECORDS = 20_000;
const TIMER_MS = 1;

/** From the server's pages to messages of the flow, against the same pages dropped, or journaled. */
runProgram(async ({ url, folder, rounds }): Promise<BacklogFigures> => {
  const crm = `${url}/${RECORDS}`;
  const bare = new BareReader(crm);
  const sizes: BacklogFigures['sizes'] = [];
  for (const pageSize of PAGE_SIZES) {
    const barePace = () => paceOf(() => bare.readAll(pageSize));
    const ourRun = () => takeOver({ crm, folder, pageSize });
    await barePace();
    await ourRun();
    const journalPace = () => journaled(bare, folder, pageSize);
    await journalPace();
    const results = await inRounds(rounds, barePace, async () => ({
      ...(await ourRun()),
      journal: await journalPace(),
    }));
    sizes.push({
      pageSize,
      rounds: results.map(({ one, other }) => ({ bare: one, ...other })),
    });
  }
  bare.close();
  return { sizes };
});

async function journaled(bare: BareReader, folder: string, pageSize: number): Promise<Pace> {
  const journal = await BareJournal.open(bare, folder);
  const pace = await paceOf(() => journal.takeOver(pageSize));
  await journal.close();
  return pace;
}

async function takeOver(options: {
  crm: string;
  folder: string;
  pageSize: number;
}): Promise<Omit<BacklogRound, 'bare' | 'journal'>> {
  const rig = await PollRig.open({ ...options, resources: ['accounts'], start: { from: 'all' } });
  const delays = monitorEventLoopDelay({ resolution: TIMER_MS });
  delays.enable();
  const ours = await paceOf(async () => {
    await rig.poll();
    return rig.emitted;
  });
  delays.disable();
  if (rig.emitted !== RECORDS) throw new Error(`${rig.emitted} of ${RECORDS} events came`);
  await rig.close();
  return { ours, pauseP99Ms: late(delays.percentile(99)), pauseMaxMs: late(delays.max) };
}

/** What is measured is the time from one timer to the next. */
function late(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - TIMER_MS);
}
