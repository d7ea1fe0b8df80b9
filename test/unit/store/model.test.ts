import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LevelPollStore } from '../../../src/store/level-poll-store';
import { behavesAsTheModel } from './support/model-suite';

describe('LevelPollStore, against a model in memory', () => {
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
    }, 40);
  });
});
