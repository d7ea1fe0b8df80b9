import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LevelPollStore } from '../../../src/store/level-poll-store';
import { behavesAsTheModel } from './support/model-suite';

/** How often the model runs; the endurance run sets more. */
const RUNS = Number(process.env.MODEL_RUNS ?? 100);

describe('LevelPollStore, against a model in memory', function () {
  this.timeout(RUNS * 2000);
  let root: string;
  let runs = 0;

  before(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-model-'));
  });

  after(async () => {
    await rm(root, { recursive: true });
  });

  it('behaves alike through any sequence of writes and restarts', async () => {
    await behavesAsTheModel(async () => {
      const folder = path.join(root, String((runs += 1)));
      const reopen = (): Promise<LevelPollStore> => LevelPollStore.open(folder);
      return { store: await reopen(), reopen };
    }, RUNS);
  });
});
