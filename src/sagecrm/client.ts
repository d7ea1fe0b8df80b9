import { AxiosHeaders, type AxiosResponse, type GenericAbortSignal } from 'axios';
import type { ServerAddress } from '../config/server-address';
import type { Clock } from '../effects/clock';
import { SageCrmError } from '../errors/sagecrm-error';
import type { AgentPair, HttpAgents } from '../http/agents';
import { HttpExchange, RequestEnded, type ExchangeRequest } from '../http/exchange';
import type { RateLimit } from '../http/rate-limit';
import { authorizationFor, type LogOn } from './authorization';
import { statusError } from './http-error';
import { readJson } from './json-body';
import type { Api } from './source';
import { requestAborted, transportError } from './transport-error';

/** A JSON answer with a status of 200 to 299. */
export interface CrmAnswer {
  body: unknown;
  /** Header names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** The server's time when it answered (HTTP `Date`), epoch milliseconds. */
  serverTime?: number;
}

export interface CrmClientOptions {
  address: ServerAddress;
  logOn: LogOn;
  agents: HttpAgents;
  /** For the whole of a request, connection to last byte, in milliseconds. */
  timeoutMs: number;
  /** Shared by all who poll this server; absent: no limit. */
  rateLimit?: RateLimit;
  clock: Clock;
}

/** The largest answer taken in, in bytes, after decompression. */
const LARGEST_ANSWER = 256 * 1024 * 1024;

/**
 * The HTTP side of one configuration node: keep-alive connections to one server, one log-on.
 *
 * A refused log-on (401) closes the gate: every later request fails at once, without reaching the
 * server, until `retryLogOn` opens it again. Sage CRM locks accounts out, so nobody may hammer it.
 */
export class CrmClient {
  private readonly exchanges: HttpExchange;
  private readonly agents: AgentPair;
  private readonly headers: Readonly<Record<Api, ExchangeRequest['headers']>>;
  private readonly closing = new AbortController();
  private refusal?: SageCrmError;

  constructor(private readonly options: CrmClientOptions) {
    const { address, agents, clock, logOn } = options;
    this.exchanges = new HttpExchange(clock);
    this.agents = agents.forUrl(new URL(address.baseUrl));
    this.headers = { hub: headersFor(logOn, 'hub'), sdata: headersFor(logOn, 'sdata') };
  }

  /**
   * Fetches one JSON answer.
   *
   * @param path path and query below the server's base address, already percent-encoded
   * @throws SageCrmError with a code for every way an answer can fail
   */
  async get(path: string, api: Api, signal: AbortSignal): Promise<CrmAnswer> {
    await this.ready(signal);
    try {
      return await this.exchanges.within(this.options.timeoutMs, signal, (stop) =>
        this.request(path, api, stop),
      );
    } catch (error) {
      throw this.remember(error);
    }
  }

  /** Opens the gate after a refused log-on, for one more attempt. */
  retryLogOn(): void {
    this.refusal = undefined;
  }

  /** Aborts what is under way and closes every connection. */
  close(): void {
    this.closing.abort();
    this.exchanges.abort();
    this.options.agents.destroy();
  }

  /** Waits for a turn; a log-on refused meanwhile closes the gate for those who wait, too. */
  private async ready(signal: AbortSignal): Promise<void> {
    try {
      await this.options.rateLimit?.turn(signal, this.closing.signal);
    } catch {
      throw requestAborted();
    }
    if (this.closing.signal.aborted) throw requestAborted();
    if (this.refusal !== undefined) throw this.refusal;
  }

  private async request(path: string, api: Api, stop: GenericAbortSignal): Promise<CrmAnswer> {
    const request = {
      method: 'GET',
      url: this.options.address.baseUrl + path,
      headers: this.headers[api],
      responseType: 'text',
      maxContentLength: LARGEST_ANSWER,
      decompress: true,
    } as const;
    const response = await this.exchanges.send(request, this.agents, stop);
    const { status } = response;
    const headers = plainHeaders(response.headers);
    const body = response.data as string;
    if (status < 200 || status > 299) {
      const { username } = this.options.logOn;
      throw statusError({ status, headers, body }, username, this.options.clock.now());
    }
    return {
      body: readJson(body, headers['content-type'] ?? ''),
      headers,
      serverTime: httpDate(headers.date),
    };
  }

  private remember(error: unknown): SageCrmError {
    if (error instanceof RequestEnded) {
      return error.why === 'late' ? this.timeout() : requestAborted();
    }
    const known = transportError(error);
    if (known.code === 'LOGON_REFUSED' && known.details.statusCode === 401) this.refusal = known;
    return known;
  }

  private timeout(): SageCrmError {
    const seconds = this.options.timeoutMs / 1000;
    return new SageCrmError(
      'TIMEOUT',
      `Sage CRM did not answer within ${seconds} s`,
      'polling goes on by itself; a longer time-out in the configuration node or a smaller page size may help',
    );
  }
}

/** Made once: the adapter puts what is missing into it with the first request, and finds it after. */
function headersFor(logOn: LogOn, api: Api): ExchangeRequest['headers'] {
  return new AxiosHeaders({
    Accept: 'application/json',
    Authorization: authorizationFor(logOn, api),
  });
}

function plainHeaders(headers: AxiosResponse['headers']): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) plain[name.toLowerCase()] = String(value);
  return plain;
}

function httpDate(header: string | undefined): number | undefined {
  const time = header === undefined ? NaN : Date.parse(header);
  return Number.isNaN(time) ? undefined : time;
}
