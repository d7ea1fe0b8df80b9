import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { bundleProgram } from '../kill/support/life';
import { pick } from '../support/random';
import { playAll, type Step } from '../kill/support/scenario';
import type { Settings, World } from '../kill/support/world';
import type { ReceiverAnswer } from '../simulator/webhook-receiver';

/** Only a hang takes so long. */
const LIMIT_MS = 1_800_000;

/** Kills at random times are repeatable only as far as the seed goes; `npm run test:endurance` draws one. */
const SEED = Number(process.env.KILL_SEED ?? 20_260_131);
/** In each world. */
const KILLS = 100;

const SETTINGS: readonly Settings[] = [
  { commit: 'acknowledged' },
  { commit: 'acknowledged', batchSize: 5 },
];

describe('a process killed with SIGKILL at random times, with faults on both sides (S12)', function () {
  this.timeout(LIMIT_MS);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-kill-program-'));
  });

  after(async () => {
    await rm(folder, { recursive: true });
  });

  it(`loses nothing, and repeats only with equal event ids (KILL_SEED=${SEED})`, async () => {
    const program = await bundleProgram(folder);
    const scenarios = SETTINGS.map((settings, index) => ({
      ...{ settings, seed: SEED + index, steps: randomSteps },
    }));
    for (const { kills, accepted, repeats } of await playAll(program, scenarios)) {
      console.log(`      ${kills} kills, ${accepted} events received, ${repeats} repeats`);
    }
  });
});

/** The world changes while each process lives, and both of its neighbours fail at times. */
function* randomSteps(world: World): Iterable<Step> {
  const { random } = world;
  for (let count = 0; count < KILLS; count += 1) {
    yield {
      rows: 5 + Math.floor(random() * 40),
      end: {
        by: 'chance',
        from: pick(['start', 'opened', 'opened', 'emitted', 'emitted', 'emitted'], random),
        ms: Math.floor(random() * 150),
      },
      life: {
        respond: () => anyAnswer(random()),
        recover: random() < 0.1,
        meanwhile: () => {
          if (random() < 0.3) world.office.workOn();
          if (random() < 0.05) world.simulator.faults.next(pick(FAULTS, random));
        },
      },
    };
  }
}

const FAULTS = [{ kind: 'reset' }, { kind: 'cutJson' }, { kind: 'status', status: 503 }] as const;

function anyAnswer(chance: number): ReceiverAnswer {
  if (chance < 0.08) return { status: 503 };
  if (chance < 0.11) return { status: 500 };
  if (chance < 0.14) return { reset: true };
  if (chance < 0.16) return { hang: true };
  if (chance < 0.18) return { status: 400 };
  return {};
}
