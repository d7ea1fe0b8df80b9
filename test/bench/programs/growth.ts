import type { GrowthFigures } from '../parts/growth';
import { paceOf } from './support/loop';
import { PollRig } from './support/poll-rig';
import { runProgram } from './support/program';
import { settledMemory, watchMemory } from './support/resident';

const PAGE_SIZE = 1000;
const WARM_UP_RECORDS = 2000;

/** One backlog of a given size, and the most memory it took. */
runProgram(async ({ url, folder, size }): Promise<GrowthFigures> => {
  await takeOver(`${url}/${WARM_UP_RECORDS}`, folder);
  const idle = await settledMemory();
  const watch = watchMemory();
  const pace = await takeOver(`${url}/${size}`, folder);
  return { usEach: 1e6 / pace.perSecond, cpuUsEach: pace.cpuUs, aboveIdle: watch.most() - idle };
});

async function takeOver(crm: string, folder: string): ReturnType<typeof paceOf> {
  const rig = await PollRig.open({
    ...{ crm, folder, pageSize: PAGE_SIZE, resources: ['accounts'], start: { from: 'all' } },
  });
  try {
    return await paceOf(async () => {
      await rig.poll();
      return rig.emitted;
    });
  } finally {
    await rig.close();
  }
}
