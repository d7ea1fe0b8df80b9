import fc from 'fast-check';
import {
  START_OF_TIME,
  type PollRig,
  type RigOptions,
  type StartRig,
} from '../../../support/poll-rig';
import { Model } from './model';
import { command, OVERLAP_SECONDS, setting, type Command } from './model-commands';

/** Seeds that are played every time; a failing one is added here or, when it shrank, below. */
const KEPT_SEEDS = [1, 20_260_131];

const CREATE: Command = { world: { do: 'create', tie: false } };
const BREAK_FLOW: Command = { world: { do: 'breakFlow', after: 0 } };
const POLL: Command = { node: { do: 'poll' } };
const ACKNOWLEDGE: Command = { node: { do: 'acknowledge', every: 1 } };
const RESTART: Command = { node: { do: 'restart' } };
const REPLAY: Command = { node: { do: 'replay' } };

/** Histories that failed once, as fast-check shrank them. */
const KEPT_HISTORIES: { name: string; options: RigOptions; commands: Command[] }[] = [
  {
    name: 'what is emitted before the process is killed while reading stays emitted',
    options: { api: 'sdata', simulator: { sdata: { pageCap: 3 } } },
    commands: [
      CREATE,
      CREATE,
      BREAK_FLOW,
      POLL,
      { node: { do: 'pollOther' } },
      CREATE,
      CREATE,
      { node: { do: 'crashWhileReading' } },
    ],
  },
  {
    name: 'pages that shift are noticed where the server tells a time ahead of its records',
    options: { raw: { pageSize: 3 }, simulator: { hub: { rowOrder: 'date' } } },
    commands: [
      CREATE,
      CREATE,
      CREATE,
      CREATE,
      { world: { do: 'jumpServerDate', minutes: 1440 } },
      { world: { do: 'changeWhilePaging', which: 0 } },
      { world: { do: 'wait', seconds: 500 } },
      POLL,
    ],
  },
  {
    name: 'a flow that throws does not hold the message',
    options: { commit: 'acknowledged' },
    commands: [CREATE, BREAK_FLOW, POLL, POLL],
  },
  {
    name: 'what is acknowledged after a restart, before it could come again, is done',
    options: { api: 'sdata', commit: 'acknowledged' },
    commands: [CREATE, POLL, RESTART, ACKNOWLEDGE, POLL, RESTART],
  },
  {
    name: 'a message from before a replay does not answer for what comes with it',
    options: { commit: 'acknowledged' },
    commands: [CREATE, POLL, REPLAY, ACKNOWLEDGE, POLL],
  },
  {
    name: 'but does so after a restart',
    options: { commit: 'acknowledged' },
    commands: [CREATE, POLL, REPLAY, RESTART, ACKNOWLEDGE, POLL],
  },
];

async function play(
  startRig: StartRig,
  { options, begin }: { options: RigOptions; begin: string },
  commands: readonly Command[],
): Promise<void> {
  const rig = await startRig({ ...options, overlapSeconds: OVERLAP_SECONDS });
  let other: PollRig | undefined;
  try {
    await rig.advance((Date.parse(begin) - rig.simulator.clock.now()) / 1000);
    other = await startRig({ ...options, overlapSeconds: OVERLAP_SECONDS, beside: rig });
    const model = new Model(rig, other);
    for (const each of commands) await model.run(each);
    await model.settle();
  } finally {
    await other?.close();
    await rig.close();
  }
}

/** Any order of changes, faults, clock steps, acknowledgements, crashes, restarts and replays. */
export function itHoldsInAnyHistory(startRig: StartRig, runs: number): void {
  const property = fc.asyncProperty(
    setting,
    fc.array(command, { minLength: 5, maxLength: 40 }),
    (begun, commands) => play(startRig, begun, commands),
  );

  it(`loses nothing and repeats nothing, in ${runs} random histories`, async function () {
    this.timeout(runs * 2000);
    await fc.assert(property, { numRuns: runs });
  });

  for (const seed of KEPT_SEEDS) {
    it(`still holds for seed ${seed}`, async function () {
      this.timeout(60_000);
      await fc.assert(property, { seed, numRuns: 10 });
    });
  }

  for (const { name, options, commands } of KEPT_HISTORIES) {
    it(`still holds where it once did not: ${name}`, async () => {
      await play(startRig, { options, begin: START_OF_TIME }, commands);
    });
  }
}
