import type { Clock } from '../effects/clock';
import type { SageCrmError } from '../errors/sagecrm-error';
import type { RenderedEnvelope } from '../event/envelopes/envelope';
import type { Endpoint } from './endpoint';
import { requestHeaders } from './sender';
import type { Transport } from './transport';
import { judgeAnswer, judgeFault, type Verdict } from './verdict';

/** What came of a webhook that was sent once, to see whether it works. */
export interface Trial {
  /** The webhook's id. */
  id: string;
  /** The status of the answer, where there was one. */
  statusCode?: number;
  durationMs: number;
  /** The beginning of the answer, where it is text. */
  excerpt?: string;
  /** Why it counts as not delivered. */
  error?: SageCrmError;
}

/** Sends a webhook once, whatever comes of it. */
export async function tryOut(
  webhook: RenderedEnvelope,
  endpoint: Endpoint,
  { transport, clock }: { transport: Transport; clock: Clock },
  signal: AbortSignal,
): Promise<Trial> {
  const { url, timeoutMs } = endpoint;
  const begun = clock.monotonic();
  const finding = (verdict: Verdict): Pick<Trial, 'id' | 'durationMs' | 'error'> => ({
    id: webhook.id,
    durationMs: Math.round(clock.monotonic() - begun),
    ...(verdict.kind === 'delivered' ? {} : { error: verdict.error }),
  });
  try {
    const { statusCode, hint, excerpt } = await transport.post({
      ...{ url, timeoutMs, signal },
      headers: requestHeaders(webhook, endpoint, clock.now()),
      body: webhook.body,
      wantsExcerpt: true,
    });
    return {
      ...finding(judgeAnswer({ statusCode, hint }, url.origin, clock.now())),
      statusCode,
      ...(excerpt === undefined || excerpt === '' ? {} : { excerpt }),
    };
  } catch (error) {
    return finding(judgeFault(error, url.origin));
  }
}
