import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import axios, { AxiosError, AxiosHeaders, type AxiosAdapter, type GenericAbortSignal } from 'axios';
import type { Clock } from '../effects/clock';
import { createAgents, type AgentOptions, type HttpAgents } from '../http/agents';
import { checkLiteralHost, guardedLookup } from './address-guard';
import type { RetryHint } from '../http/retry-after';
import { Deadlines } from './deadlines';
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
  /**
   * The adapter alone: defaults and interceptors of others that use axios do not reach it, and what
   * axios does around it costs as much again as the request.
   */
  private readonly adapter: AxiosAdapter = axios.getAdapter('http');
  private readonly deadlines: Deadlines;

  constructor(private readonly options: TransportOptions) {
    this.deadlines = new Deadlines(options.clock);
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
    const stop = new Stop();
    if (signal.aborted) throw abortedFault();
    signal.addEventListener('abort', stop.abort);
    this.deadlines.add(stop.abort, timeoutMs);
    try {
      return await this.onLiveConnection(() => this.exchange(request, stop));
    } catch (error) {
      if (request.signal.aborted) throw abortedFault();
      if (stop.aborted) throw timeoutFault(url.origin, timeoutMs);
      throw networkFault(error, url.origin);
    } finally {
      this.deadlines.remove(stop.abort);
      signal.removeEventListener('abort', stop.abort);
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
    request: WebhookRequest,
    signal: GenericAbortSignal,
  ): Promise<WebhookAnswer> {
    const { url, headers, body } = request;
    const answer = await this.adapter({
      method: 'POST',
      proxy: false,
      maxRedirects: 0,
      maxContentLength: -1,
      maxBodyLength: -1,
      decompress: false,
      responseType: 'stream',
      validateStatus: null,
      url: url.href,
      headers: new AxiosHeaders({ ...headers, 'Accept-Encoding': 'identity' }),
      // Bytes, so that what is sent is what was signed.
      data: Buffer.from(body, 'utf8'),
      signal,
      ...this.agents.forUrl(url),
    });
    const read = (name: string): string | undefined => textOf(Reflect.get(answer.headers, name));
    const stream = answer.data as Readable;
    const isWanted = request.wantsExcerpt === true && isText(read('content-type'));
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
        this.deadlines.remove(giveUp);
        resolve();
      };
      this.deadlines.add(giveUp, BODY_PATIENCE_MS);
      body.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > LARGEST_ANSWER) giveUp();
      });
      body.once('end', over).once('close', over).on('error', over);
    });
  }
}

/** What axios listens to: as an abort signal, at a fraction of what one costs for each request. */
class Stop implements GenericAbortSignal {
  aborted = false;
  private readonly listeners = new Set<() => void>();

  readonly abort = (): void => {
    this.aborted = true;
    for (const listener of this.listeners) listener();
  };

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.delete(listener);
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
