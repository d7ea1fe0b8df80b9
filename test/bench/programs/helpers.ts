import { CONTESTANTS } from '../../compare/comparison';
import type { Contestant } from '../../compare/contestant';
import type { HelpersFigures } from '../parts/peers';
import { paceOf } from './support/loop';
import { runProgram } from './support/program';

const RECORDS = 5000;
const PAGE_SIZE = 1000;

/**
 * The pollers of the comparison, each over a simulated server of its own in the same process, so that
 * all carry the same weight. What they lose or repeat elsewhere is another question.
 */
runProgram(async ({ rounds }): Promise<HelpersFigures> => {
  const results: HelpersFigures['pollers'] = CONTESTANTS.map(({ name }) => ({ name, paces: [] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, contestant] of CONTESTANTS.entries()) {
      const pace = await paceOf(() => pollOnce(contestant));
      // The first round is there to compile the code.
      if (round > 0) results[index]?.paces.push(pace);
    }
  }
  return { pollers: results };
});

async function pollOnce(contestant: Contestant): Promise<number> {
  const running = await contestant.start({
    pageSize: PAGE_SIZE,
    beginsAt: '2026-01-31T10:00:00Z',
  });
  await running.activate();
  await running.poll();
  await running.advance(60);
  running.simulator.crm.seed({ companies: RECORDS });
  await running.advance(60);
  await running.poll();
  const { length } = running.received;
  await running.close();
  if (length !== RECORDS) throw new Error(`${contestant.name} found ${length} of ${RECORDS}`);
  return length;
}
