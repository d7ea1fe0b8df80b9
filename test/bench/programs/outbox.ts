import type { EventMessage } from '../../../src/event/event';
import type { OutboxFigures } from '../parts/outbox';
import { BareSender } from './support/bare-sender';
import { bodyOf, eventsOf } from './support/events';
import { eachOf, inRounds, loop, paceOf, warmUp } from './support/loop';
import { OutboxRig, type RigOptions } from './support/outbox-rig';
import { runProgram } from './support/program';

const CALLERS = 64;
const EVENTS = 1000;
/** As many as take about as long, ten to a webhook. */
const BATCHED_EVENTS = 4000;
const WARM_UP_EVENTS = 1000;

interface Way extends RigOptions {
  /** Whether all events are in the outbox before it begins to deliver. */
  isFilled: boolean;
  events: number;
}

/** Outboxes against bare POSTs of single events. */
runProgram(async ({ url, folder, rounds }): Promise<OutboxFigures> => {
  const events = eventsOf(BATCHED_EVENTS);
  const [first] = events;
  if (first === undefined) throw new Error('there is no event');
  const body = bodyOf(first);
  const bare = new BareSender(url);
  const barePost = () => bare.post(body);
  const measured = async (way: Way) => {
    await deliveries(way, events.slice(0, WARM_UP_EVENTS));
    const results = await inRounds(
      rounds,
      () => loop(barePost),
      () => deliveries(way, events.slice(0, way.events)),
    );
    return results.map(({ one, other }) => ({ bare: one, ...other }));
  };
  await warmUp(barePost);
  const figures = {
    single: await measured({ url, folder, isFilled: true, events: EVENTS }),
    meanwhile: await measured({ url, folder, isFilled: false, events: EVENTS }),
    batched: await measured({ url, folder, isFilled: true, events: BATCHED_EVENTS, batchSize: 10 }),
  };
  bare.close();
  return figures;
});

async function deliveries(way: Way, events: readonly EventMessage[]) {
  const rig = await OutboxRig.open(way);
  const take = () => eachOf(events, CALLERS, (event) => rig.take(event));
  const delivered = rig.untilDelivered(events.length);
  if (way.isFilled) await take();
  const pace = await paceOf(async () => {
    await Promise.all([rig.start(), way.isFilled ? undefined : take(), delivered]);
    return events.length;
  });
  const eventsEach = events.length / rig.webhookCount;
  await rig.close();
  return { ours: pace, eventsEach };
}
