import axios, { type AxiosInstance } from 'axios';
import type { ServerAddress } from '../config/server-address';
import type { Clock } from '../effects/clock';
import { SageCrmError } from '../errors/sagecrm-error';
import type { HttpAgents } from '../http/agents';
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
  private readonly http: AxiosInstance;
  private readonly closing = new AbortController();
  private refusal?: SageCrmError;

  constructor(private readonly options: CrmClientOptions) {
    const base = new URL(options.address.baseUrl);
    this.http = axios.create({
      ...options.agents.forUrl(base),
      adapter: 'http',
      proxy: false,
      maxRedirects: 0,
      maxContentLength: LARGEST_ANSWER,
      responseType: 'text',
      transformResponse: (body: unknown) => body,
      validateStatus: () => true,
      headers: { Accept: 'application/json' },
    });
  }

  /**
   * Fetches one JSON answer.
   *
   * @param path path and query below the server's base address, already percent-encoded
   * @throws SageCrmError with a code for every way an answer can fail
   */
  async get(path: string, api: Api, signal: AbortSignal): Promise<CrmAnswer> {
    await this.ready(signal);
    const deadline = new AbortController();
    const stop = new AbortController();
    const either = AbortSignal.any([signal, this.closing.signal, deadline.signal]);
    this.options.clock.sleep(this.options.timeoutMs, stop.signal).then(
      () => {
        deadline.abort();
      },
      () => undefined,
    );
    try {
      return await this.request(path, api, either);
    } catch (error) {
      if (deadline.signal.aborted) throw this.timeout(error);
      throw this.remember(error);
    } finally {
      stop.abort();
    }
  }

  /** Opens the gate after a refused log-on, for one more attempt. */
  retryLogOn(): void {
    this.refusal = undefined;
  }

  /** Aborts what is under way and closes every connection. */
  close(): void {
    this.closing.abort();
    this.options.agents.destroy();
  }

  /** Waits for a turn; a log-on refused meanwhile closes the gate for those who wait, too. */
  private async ready(signal: AbortSignal): Promise<void> {
    try {
      await this.options.rateLimit?.turn(AbortSignal.any([signal, this.closing.signal]));
    } catch {
      throw requestAborted();
    }
    if (this.refusal !== undefined) throw this.refusal;
  }

  private async request(path: string, api: Api, signal: AbortSignal): Promise<CrmAnswer> {
    const response = await this.http.get<string>(this.options.address.baseUrl + path, {
      signal,
      headers: { Authorization: authorizationFor(this.options.logOn, api) },
    });
    const headers = plainHeaders(response.headers);
    if (response.status < 200 || response.status > 299) {
      const { username } = this.options.logOn;
      const answer = { status: response.status, headers, body: response.data };
      throw statusError(answer, username, this.options.clock.now());
    }
    return {
      body: readJson(response.data, headers['content-type'] ?? ''),
      headers,
      serverTime: httpDate(headers.date),
    };
  }

  private remember(error: unknown): SageCrmError {
    const known = transportError(error);
    if (known.code === 'LOGON_REFUSED' && known.details.statusCode === 401) this.refusal = known;
    return known;
  }

  private timeout(cause: unknown): SageCrmError {
    const seconds = this.options.timeoutMs / 1000;
    return new SageCrmError(
      'TIMEOUT',
      `Sage CRM did not answer within ${seconds} s`,
      'polling goes on by itself; a longer time-out in the configuration node or a smaller page size may help',
      { cause: cause instanceof SageCrmError ? cause : undefined },
    );
  }
}

function plainHeaders(headers: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

function httpDate(header: string | undefined): number | undefined {
  const time = header === undefined ? NaN : Date.parse(header);
  return Number.isNaN(time) ? undefined : time;
}
