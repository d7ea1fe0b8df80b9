import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ReceiverAnswer } from '../simulator/webhook-receiver';
import { bundleProgram } from './support/life';
import {
  playAll,
  stepsAt,
  stepsOnRequest,
  type Count,
  type Scenario,
  type Step,
} from './support/scenario';
import type { LifeSettings, Settings } from './support/world';

/** Only a hang takes so long, however slow the machine is. */
const FAMILY_LIMIT_MS = 900_000;

/** Changes for a life that begins anew, and so has all that was ever changed to do. */
const FEW = 6;
const SEVERAL_SLICES = 230;

/** One for each point named below, and one for each life that has to leave something to it. */
const KILLS = 225;
/** What a crash may repeat, of a resource. */
const SLICE = 100;

const WEBHOOKS: Settings = { commit: 'acknowledged' };
const BATCHES: Settings = { commit: 'acknowledged', batchSize: 5 };
const EMISSION: Settings = { commit: 'emitted', pageSize: 100 };

function always(answer: ReceiverAnswer): LifeSettings {
  return { respond: () => answer };
}

/** The steps in turn for two worlds, since two can live at once. */
function halves(settings: Settings, seed: number, steps: readonly Step[]): Scenario[] {
  return [0, 1].map((half) => ({
    settings,
    seed: seed + half,
    steps: () => steps.filter((_step, index) => index % 2 === half),
  }));
}

describe('a process killed with SIGKILL loses nothing, and repeats only with equal event ids (S12)', function () {
  this.timeout(FAMILY_LIMIT_MS);
  const counts: Count[] = [];
  let folder: string;
  let program: string;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-kill-program-'));
    program = await bundleProgram(folder);
  });

  after(async () => {
    await rm(folder, { recursive: true });
  });

  async function play(scenarios: readonly Scenario[]): Promise<Count[]> {
    const found = await playAll(program, scenarios);
    counts.push(...found);
    return found;
  }

  it('while it polls: between pages, and in each write of the journal and the cursor', async () => {
    await play(
      halves(WEBHOOKS, 100, [
        ...stepsAt(['page before 1 2 3', 'page after 1 2 3']),
        ...stepsAt(['poll.readState before 1', 'poll.seenVersions after 2']),
        ...stepsAt(['write1 all 1 2', 'write2 all 1 2', 'write2 during 1 1 1 1']),
        ...stepsAt(['poll.readJournal before 1', 'poll.readJournal after 1']),
        ...stepsAt(['poll.pruneSeen all 1']),
        ...stepsOnRequest('server', [1, 2, 3]),
      ]),
    );
  });

  it('while it emits: around each message, at the ends of a slice, and in each write after it', async () => {
    const found = await play(
      halves(EMISSION, 200, [
        ...stepsAt(['emit before 1 2 57 99 100 101 201', 'emit after 1 2 57 99 100 101 201'], {
          rows: SEVERAL_SLICES,
        }),
        ...stepsAt(['poll.strikeOff all 1 2'], { rows: SEVERAL_SLICES }),
        ...stepsAt(['write1 all 1', 'write2 all 1'], { rows: SEVERAL_SLICES }),
      ]),
    );
    for (const { mostEmittedAgain } of found)
      assert.ok(mostEmittedAgain <= SLICE, `${mostEmittedAgain}`);
  });

  it('while the outbox takes events and the poll node hears of it', async () => {
    await play(
      halves(WEBHOOKS, 300, [
        ...stepsAt(['emit before 1 26', 'emit after 1 7']),
        ...stepsAt(['take all 1 5 28', 'acknowledge all 1 5 28']),
        ...stepsAt(['outbox.take all 2', 'poll.strikeOff all 1 2']),
      ]),
    );
  });

  it('while it delivers: around each request, retry, removal, and what is given up', async () => {
    await play([
      ...halves(WEBHOOKS, 400, [
        ...stepsAt([
          'transport.post before 1 9',
          'transport.post during 1',
          'transport.post after 1 9',
        ]),
        ...stepsAt(['outbox.remove all 1 5']),
        ...stepsOnRequest('receiver', [1, 3, 20]),
        ...stepsOnRequest('receiver', [2, 8], { life: always({ hang: true }) }),
        ...stepsAt(['outbox.retryLater all 1 3'], { life: always({ status: 503 }) }),
        ...stepsAt(['outbox.bury all 1 4'], { life: always({ status: 400 }) }),
        ...stepsAt(['outbox.letters.replay all 1'], { life: { recover: true } }),
        ...stepsAt(['outbox.bury all 1'], { life: always({ status: 400 }) }),
        ...stepsAt(['outbox.disable all 1'], {
          life: { ...always({ status: 410 }), recover: true },
        }),
      ]),
      ...halves(BATCHES, 500, [
        ...stepsAt(['outbox.seal all 1 2', 'outbox.sealed before 1', 'outbox.sealed after 1']),
        ...stepsAt(['outbox.remove all 1 2', 'transport.post after 2']),
        ...stepsAt(['outbox.retryLater all 1'], { life: always({ status: 503 }) }),
        ...stepsAt(['outbox.unseal all 1 2'], { life: always({ status: 400 }) }),
      ]),
    ]);
  });

  it('while it opens its state, makes a new one, or brings an old one to the present shape', async () => {
    await play(
      halves(WEBHOOKS, 600, [
        ...stepsAt(['level.write all 1 2 20'], { state: 'of version 1' }),
        ...stepsAt(['level.open all 1 2', 'level.write all 1', 'file all 1 2'], {
          ...{ state: 'new', rows: FEW },
        }),
        ...stepsAt(['level.open all 1'], { rows: FEW }),
      ]),
    );
  });

  it('at any write to either database', async () => {
    await play(halves(WEBHOOKS, 700, stepsAt(['level.write all 1 2 3 4 5 6 8 11'])));
  });

  it(`${KILLS} times`, () => {
    const sum = (key: keyof Count): number =>
      counts.reduce((total, count) => total + count[key], 0);
    const repeats = `${sum('repeats')} of them repeats with an equal event id`;
    console.log(`      ${sum('kills')} kills, ${sum('accepted')} events received, ${repeats}`);
    assert.equal(sum('kills'), KILLS);
  });
});
