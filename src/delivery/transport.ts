import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import axios, { type AxiosInstance } from 'axios';
import type { Clock } from '../effects/clock';
import { createAgents, type AgentOptions, type HttpAgents } from '../http/agents';
import { checkLiteralHost, guardedLookup } from './address-guard';
import type { RetryHint } from '../http/retry-after';
import { abortedFault, networkFault, timeoutFault } from './fault';

/** Nobody reads the answer's body; this much of it is taken so that the connection can be kept. */
const LARGEST_ANSWER = 64 * 1024;

export interface WebhookRequest {
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/** The part of an answer that says what became of a webhook. */
export interface WebhookAnswer {
  statusCode: number;
  hint: RetryHint;
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
  /** An instance of its own: defaults and interceptors of others that use axios do not reach it. */
  private readonly client: AxiosInstance;

  constructor(private readonly options: TransportOptions) {
    const { lookup, allowPrivate, ...agentOptions } = options;
    this.agents = createAgents({
      ...agentOptions,
      ...(allowPrivate
        ? lookup === undefined
          ? {}
          : { lookup }
        : { lookup: guardedLookup(lookup) }),
    });
    this.client = axios.create({
      adapter: 'http',
      proxy: false,
      maxRedirects: 0,
      decompress: false,
      responseType: 'stream',
      validateStatus: () => true,
    });
  }

  async post(request: WebhookRequest): Promise<WebhookAnswer> {
    if (!this.options.allowPrivate) checkLiteralHost(request.url);
    const limit = new TimeLimit(request, this.options.clock);
    try {
      return await this.exchange(request, limit.signal);
    } catch (error) {
      if (request.signal.aborted) throw abortedFault();
      if (limit.passed) throw timeoutFault(request.url.origin, request.timeoutMs);
      throw networkFault(error, request.url.origin);
    } finally {
      limit.end();
    }
  }

  close(): void {
    this.agents.destroy();
  }

  private async exchange(request: WebhookRequest, signal: AbortSignal): Promise<WebhookAnswer> {
    const { url, headers, body } = request;
    const answer = await this.client.request<Readable>({
      method: 'POST',
      url: url.href,
      headers: { ...headers, 'Accept-Encoding': 'identity' },
      // Bytes, so that what is sent is what was signed.
      data: Buffer.from(body, 'utf8'),
      signal,
      ...this.agents.forUrl(url),
    });
    await discard(answer.data);
    const read = (name: string): string | undefined => textOf(answer.headers[name]);
    return {
      statusCode: answer.status,
      hint: { retryAfter: read('retry-after'), date: read('date') },
    };
  }
}

/** Aborts its signal when the time of a request is up, or when the request's own signal is aborted. */
class TimeLimit {
  passed = false;
  private readonly controller = new AbortController();
  private readonly timer = new AbortController();
  private readonly stop = (): void => {
    this.controller.abort();
  };

  constructor(
    private readonly request: WebhookRequest,
    clock: Clock,
  ) {
    if (request.signal.aborted) this.stop();
    request.signal.addEventListener('abort', this.stop, { once: true });
    const onTime = (): void => {
      this.passed = true;
      this.stop();
    };
    clock.sleep(request.timeoutMs, this.timer.signal).then(onTime, () => undefined);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  end(): void {
    this.request.signal.removeEventListener('abort', this.stop);
    this.timer.abort();
  }
}

/** The status has decided already, so a body that is cut or too long changes nothing. */
async function discard(body: Readable): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of body) {
      size += (chunk as Buffer).length;
      if (size > LARGEST_ANSWER) break;
    }
  } catch {
    body.destroy();
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
