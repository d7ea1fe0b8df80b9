import type { NodesFigures } from '../parts/growth';
import { PollRig } from './support/poll-rig';
import { runProgram } from './support/program';
import { settledMemory } from './support/resident';

/** What many poll nodes hold while they wait for their next poll. */
runProgram(async ({ url, folder, size }): Promise<NodesFigures> => {
  const rigs: PollRig[] = [];
  const add = async (): Promise<void> => {
    const rig = await PollRig.open({ crm: `${url}/0`, folder, start: { from: 'now' } });
    await rig.poll();
    rigs.push(rig);
  };
  await add();
  const one = await settledMemory();
  while (rigs.length < size) await add();
  const all = await settledMemory();
  for (const rig of rigs) await rig.close();
  return { eachFurther: (all - one) / (size - 1) };
});
