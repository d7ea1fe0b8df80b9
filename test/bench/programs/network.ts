import { httpTransport } from '../../../src/delivery/transport';
import { systemClock } from '../../../src/effects/clock';
import type { NetworkFigures } from '../parts/network';
import { BareSender } from './support/bare-sender';
import { bodyOf, ENVELOPE, eventsOf, INSTANCE_ID } from './support/events';
import { inRounds, loop, warmUp } from './support/loop';
import { runProgram } from './support/program';

/** How often both are measured in a round: what else the machine does changes quickly. */
const PAIRS = 4;

/** The transport against bare POSTs of the same body. */
runProgram(async ({ url, rounds }): Promise<NetworkFigures> => {
  const [message] = eventsOf(1);
  if (message === undefined) throw new Error('there is no event');
  const bytes = bodyOf(message);
  const bare = new BareSender(url);
  const transport = httpTransport({
    ...{ env: {}, allowPrivate: true, connectTimeoutMs: 15_000 },
    clock: systemClock(),
  });
  const { contentType, body, headersFor } = ENVELOPE.render([message], {
    instanceId: INSTANCE_ID,
    now: Date.now(),
  });
  const request = {
    url: new URL(url),
    headers: { 'Content-Type': contentType, 'User-Agent': 'node-red-sagecrm', ...headersFor(0) },
    body,
    timeoutMs: 15_000,
    signal: new AbortController().signal,
  };
  const barePost = () => bare.post(bytes);
  const ourPost = async () => {
    await transport.post(request);
  };
  await warmUp(barePost);
  await warmUp(ourPost);
  const results = await inRounds(
    rounds * PAIRS,
    () => loop(barePost),
    () => loop(ourPost),
  );
  bare.close();
  transport.close();
  return { rounds: results.map(({ one, other }) => ({ bare: one, ours: other })) };
});
