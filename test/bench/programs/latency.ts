import { setTimeout as sleep } from 'node:timers/promises';
import type { EventMessage } from '../../../src/event/event';
import type { LatencyFigures, LatencyTimes } from '../parts/latency';
import { arrivalsAt } from './support/arrivals';
import { BareSender } from './support/bare-sender';
import { bodyOf, eventsOf } from './support/events';
import { inRounds } from './support/loop';
import { monotonicUs } from './support/monotonic';
import { OutboxRig } from './support/outbox-rig';
import { runProgram } from './support/program';

const EVENTS = 100;
/** Fifty a second. */
const EVERY_MS = 20;
const WARM_UP_EVENTS = 25;

/** How long an event takes to the receiver: through an outbox, and by a bare POST of its webhook. */
runProgram(async ({ url: receiver, folder, rounds }): Promise<LatencyFigures> => {
  const url = new URL('/timed', receiver).href;
  const events = eventsOf(EVENTS);
  const bare = new BareSender(url);
  const bodies = new Map(events.map((event) => [event, bodyOf(event)]));
  const byBarePost = (some: readonly EventMessage[]) =>
    latencies(receiver, some, (event) => bare.post(bodies.get(event) ?? Buffer.alloc(0)));
  const throughOutbox = async (some: readonly EventMessage[]) => {
    const rig = await OutboxRig.open({ url, folder });
    await rig.start();
    const delivered = rig.untilDelivered(some.length);
    const result = await latencies(receiver, some, (event) => rig.take(event), delivered);
    await rig.close();
    return result;
  };
  const few = events.slice(0, WARM_UP_EVENTS);
  await byBarePost(few);
  await throughOutbox(few);
  const results = await inRounds(
    rounds,
    () => byBarePost(events),
    () => throughOutbox(events),
  );
  bare.close();
  return { rounds: results.map(({ one, other }) => ({ bare: one, outbox: other })) };
});

/**
 * Sends the events one by one at an even pace.
 *
 * @param over resolves once all of them have reached the receiver, if that is not when they are sent
 * @returns from the call of `send` to the receiver, and to its end, for each event, in milliseconds
 */
async function latencies(
  receiver: string,
  events: readonly EventMessage[],
  send: (event: EventMessage) => Promise<void>,
  over?: Promise<void>,
): Promise<LatencyTimes> {
  const sentAt = new Map<string, number>();
  const sent: number[] = [];
  const sending: Promise<void>[] = [];
  const begin = performance.now();
  for (const [index, event] of events.entries()) {
    await sleep(begin + index * EVERY_MS - performance.now());
    const at = monotonicUs();
    sentAt.set(event.event.eventId, at);
    sending.push(
      send(event).then(() => {
        sent.push((monotonicUs() - at) / 1000);
      }),
    );
  }
  await Promise.all([...sending, over]);
  const arrivals = await arrivalsAt(receiver);
  if (arrivals.length !== events.length) throw new Error(`${arrivals.length} webhooks came`);
  const arrived = arrivals.map(({ id, at }) => (at - (sentAt.get(id) ?? Number.NaN)) / 1000);
  return { arrived, sent };
}
