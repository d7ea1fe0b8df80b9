import type { NodesFigures } from '../parts/growth';
import { openServer, PollRig } from './support/poll-rig';
import { runProgram } from './support/program';
import { settledMemory } from './support/resident';

/** What many poll nodes of one configuration node hold while they wait for their next poll. */
runProgram(async ({ url, folder, size }): Promise<NodesFigures> => {
  const crm = `${url}/0`;
  const server = openServer(crm);
  const rigs: PollRig[] = [];
  const add = async (): Promise<void> => {
    const rig = await PollRig.open({ crm, server, folder, start: { from: 'now' } });
    await rig.poll();
    rigs.push(rig);
  };
  await add();
  const one = await settledMemory();
  while (rigs.length < size) await add();
  const all = await settledMemory();
  for (const rig of rigs) await rig.close();
  server.client.close();
  return { eachFurther: (all - one) / (size - 1) };
});
