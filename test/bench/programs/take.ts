import type { TakeFigures } from '../parts/take';
import { BareSender } from './support/bare-sender';
import { bodyOf, eventsOf } from './support/events';
import { eachOf, inRounds, loop, paceOf, warmUp } from './support/loop';
import { OutboxRig } from './support/outbox-rig';
import { runProgram } from './support/program';

const CALLERS = 64;
const EVENTS = 4000;

/** Events put into an outbox that delivers none. */
runProgram(async ({ url, folder, rounds }): Promise<TakeFigures> => {
  const events = eventsOf(EVENTS);
  const [first] = events;
  if (first === undefined) throw new Error('there is no event');
  const body = bodyOf(first);
  const bare = new BareSender(url);
  const barePost = () => bare.post(body);
  const takePace = async () => {
    const rig = await OutboxRig.open({ url, folder });
    const pace = await paceOf(async () => {
      await eachOf(events, CALLERS, (event) => rig.take(event));
      return EVENTS;
    });
    await rig.close();
    return pace;
  };
  await warmUp(barePost);
  await takePace();
  const results = await inRounds(rounds, () => loop(barePost), takePace);
  bare.close();
  return { rounds: results.map(({ one, other }) => ({ bare: one, ours: other })) };
});
