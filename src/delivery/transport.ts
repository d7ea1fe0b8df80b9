import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { AxiosError, AxiosHeaders, type GenericAbortSignal } from 'axios';
import type { Clock } from '../effects/clock';
import { createAgents, type AgentOptions, type HttpAgents } from '../http/agents';
import { HttpExchange, RequestEnded } from '../http/exchange';
import { checkLiteralHost, guardedLookup } from './address-guard';
import type { RetryHint } from '../http/retry-after';
import { Excerpt, isText } from './excerpt';
import { abortedFault, networkFault, timeoutFault } from './fault';

/** A delivery does not read the answer's body; this much of it is taken so that the connection can be kept. */
const LARGEST_ANSWER = 64 * 1024;
/** The status has decided; a body that takes longer costs its connection. */
const BODY_PATIENCE_MS = 2000;

/** What Node.js tells of a connection that the other end had closed. */
const CLOSED_CODES = new Set(['ECONNRESET', 'EPIPE']);

export interface WebhookRequest {
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
  timeoutMs: number;
  signal: AbortSignal;
  /** Read the beginning of the answer's body, if it is text. */
  wantsExcerpt?: boolean;
}

/** The part of an answer that says what became of a webhook. */
export interface WebhookAnswer {
  statusCode: number;
  hint: RetryHint;
  /** The beginning of the body, where the request asked for it and there is text. */
  excerpt?: string;
}

/** Posts one webhook, once. */
export interface Transport {
  /**
   * @throws SageCrmError `ABORTED`, `ADDRESS_REFUSED`, `CONFIG_INVALID`, `TIMEOUT`, `TLS_FAILED` or
   * `UNREACHABLE`; any status is an answer, not an error
   */
  post(request: WebhookRequest): Promise<WebhookAnswer>;
  /** Ends all connections. */
  close(): void;
}

export interface TransportOptions extends Omit<AgentOptions, 'lookup'> {
  /** Let webhooks go to addresses that are not of the public internet. */
  allowPrivate: boolean;
  clock: Clock;
  /** Resolves host names; the machine's own resolver when absent. */
  lookup?: LookupFunction;
}

/** A transport over HTTP. Behind a proxy, names are resolved and reached by the proxy. */
export function httpTransport(options: TransportOptions): Transport {
  return new HttpTransport(options);
}

class HttpTransport implements Transport {
  private readonly agents: HttpAgents;
  private readonly exchanges: HttpExchange;

  constructor(private readonly options: TransportOptions) {
    this.exchanges = new HttpExchange(options.clock);
    const { lookup, allowPrivate, ...agentOptions } = options;
    this.agents = createAgents({
      ...agentOptions,
      ...(allowPrivate
        ? lookup === undefined
          ? {}
          : { lookup }
        : { lookup: guardedLookup(lookup) }),
    });
  }

  async post(request: WebhookRequest): Promise<WebhookAnswer> {
    if (!this.options.allowPrivate) checkLiteralHost(request.url);
    const { signal, url, timeoutMs } = request;
    try {
      return await this.exchanges.within(timeoutMs, signal, (stop) =>
        this.onLiveConnection(() => this.exchange(request, stop)),
      );
    } catch (error) {
      if (!(error instanceof RequestEnded)) throw networkFault(error, url.origin);
      throw error.why === 'late' ? timeoutFault(url.origin, timeoutMs) : abortedFault();
    }
  }

  close(): void {
    this.agents.destroy();
  }

  /**
   * A receiver may close a connection that was kept, just when it is used again. That says nothing
   * about the receiver, so it is no failed try: the request goes once more, on another connection.
   */
  private async onLiveConnection<Result>(run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      if (!wasStale(error)) throw error;
      return run();
    }
  }

  private async exchange(
    { url, headers, body, wantsExcerpt }: WebhookRequest,
    stop: GenericAbortSignal,
  ): Promise<WebhookAnswer> {
    const request = {
      method: 'POST',
      url: url.href,
      headers: new AxiosHeaders({ ...headers, 'Accept-Encoding': 'identity' }),
      // Bytes, so that what is sent is what was signed.
      data: Buffer.from(body, 'utf8'),
      responseType: 'stream',
      maxContentLength: -1,
      decompress: false,
    } as const;
    const answer = await this.exchanges.send(request, this.agents.forUrl(url), stop);
    const read = (name: string): string | undefined => textOf(Reflect.get(answer.headers, name));
    const stream = answer.data as Readable;
    const isWanted = wantsExcerpt === true && isText(read('content-type'));
    const excerpt = isWanted ? new Excerpt(stream) : undefined;
    await this.discard(stream);
    return {
      statusCode: answer.status,
      hint: { retryAfter: read('retry-after'), date: read('date') },
      ...(excerpt === undefined ? {} : { excerpt: excerpt.text() }),
    };
  }

  /** The status has decided already, so a body that is cut, slow or too long changes nothing. */
  private discard(body: Readable): Promise<void> {
    return new Promise((resolve) => {
      let size = 0;
      const giveUp = (): void => {
        body.destroy();
      };
      const over = (): void => {
        this.exchanges.deadlines.remove(giveUp);
        resolve();
      };
      this.exchanges.deadlines.add(giveUp, BODY_PATIENCE_MS);
      body.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > LARGEST_ANSWER) giveUp();
      });
      body.once('end', over).once('close', over).on('error', over);
    });
  }
}

/** True when a connection that had carried other requests broke before there was an answer. */
function wasStale(error: unknown): boolean {
  if (!(error instanceof AxiosError) || !CLOSED_CODES.has(error.code ?? '')) return false;
  const request: unknown = error.request;
  return (
    typeof request === 'object' && request !== null && Reflect.get(request, 'reusedSocket') === true
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
