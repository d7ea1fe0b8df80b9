import type { Clock } from '../effects/clock';
import type { RenderedEnvelope } from '../event/envelopes/envelope';
import type { RateLimit } from '../http/rate-limit';
import type { Endpoint } from './endpoint';
import { mergeHeaders } from './headers';
import type { Transport } from './transport';
import { judgeAnswer, judgeFault, type Verdict } from './verdict';

export interface Sending {
  transport: Transport;
  clock: Clock;
  /** Where it is not kept elsewhere. */
  rateLimit?: RateLimit;
}

/**
 * Makes one try of a webhook.
 *
 * @returns undefined when `signal` ended it
 */
export async function send(
  webhook: RenderedEnvelope,
  endpoint: Endpoint,
  { transport, clock, rateLimit }: Sending,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  const { origin } = endpoint.url;
  try {
    await rateLimit?.turn(signal);
    const answer = await transport.post({
      url: endpoint.url,
      headers: requestHeaders(webhook, endpoint, clock.now()),
      body: webhook.body,
      timeoutMs: endpoint.timeoutMs,
      signal,
    });
    return judgeAnswer(answer, origin, clock.now());
  } catch (error) {
    return signal.aborted ? undefined : judgeFault(error, origin);
  }
}

/**
 * The headers of one try.
 *
 * @param attemptAt wall-clock time, ms since the Unix epoch
 */
export function requestHeaders(
  webhook: RenderedEnvelope,
  endpoint: Pick<Endpoint, 'headers'>,
  attemptAt: number,
): Record<string, string> {
  return mergeHeaders(
    { 'Content-Type': webhook.contentType, 'User-Agent': 'node-red-sagecrm' },
    endpoint.headers,
    webhook.headersFor(attemptAt),
  );
}
