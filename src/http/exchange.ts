import axios, {
  type AxiosAdapter,
  type AxiosResponse,
  type GenericAbortSignal,
  type InternalAxiosRequestConfig,
} from 'axios';
import type { Clock } from '../effects/clock';
import { Deadlines } from '../effects/deadlines';
import { Stop } from '../effects/stop';
import type { AgentPair } from './agents';

/** What one request is, beside the connections it goes over. */
export type ExchangeRequest = Required<
  Pick<
    InternalAxiosRequestConfig,
    'method' | 'url' | 'headers' | 'responseType' | 'maxContentLength' | 'decompress'
  >
> &
  Pick<InternalAxiosRequestConfig, 'data'>;

/** A request ended before its answer, by its owner or by its time limit. */
export class RequestEnded extends Error {
  constructor(
    readonly why: 'aborted' | 'late',
    cause?: unknown,
  ) {
    super(why, { cause });
  }
}

/**
 * Requests over HTTP, each with a time limit. Redirects are not followed, and any status is an answer.
 *
 * They go to the HTTP adapter of axios alone: defaults and interceptors of others that use axios do
 * not reach it, and what axios does around it costs as much again as the request.
 */
export class HttpExchange {
  readonly deadlines: Deadlines;
  private readonly adapter: AxiosAdapter = axios.getAdapter('http');
  private readonly underWay = new Set<Stop>();

  constructor(clock: Clock) {
    this.deadlines = new Deadlines(clock);
  }

  /**
   * Runs requests that have to be over in `timeoutMs`, from connection to last byte.
   *
   * @param run is given what ends the requests it sends
   * @throws RequestEnded when `signal` or `abort` ended them, or the time was up
   */
  async within<Result>(
    timeoutMs: number,
    signal: AbortSignal,
    run: (stop: GenericAbortSignal) => Promise<Result>,
  ): Promise<Result> {
    if (signal.aborted) throw new RequestEnded('aborted');
    const stop = new Stop();
    const time = { isUp: false };
    const onTime = (): void => {
      time.isUp = true;
      stop.abort();
    };
    this.underWay.add(stop);
    signal.addEventListener('abort', stop.abort);
    this.deadlines.add(onTime, timeoutMs);
    try {
      return await run(stop);
    } catch (error) {
      throw stop.aborted ? new RequestEnded(time.isUp ? 'late' : 'aborted', error) : error;
    } finally {
      this.deadlines.remove(onTime);
      signal.removeEventListener('abort', stop.abort);
      this.underWay.delete(stop);
    }
  }

  /** Sends one request; what it throws is axios's. */
  send(
    { method, url, headers, responseType, maxContentLength, decompress, data }: ExchangeRequest,
    { httpAgent, httpsAgent }: AgentPair,
    stop: GenericAbortSignal,
  ): Promise<AxiosResponse<unknown>> {
    // Property by property: spread objects would cost kilobytes with each request.
    return this.adapter({
      method,
      url,
      headers,
      responseType,
      maxContentLength,
      decompress,
      data: data as unknown,
      httpAgent,
      httpsAgent,
      proxy: false,
      maxRedirects: 0,
      maxBodyLength: -1,
      validateStatus: null,
      signal: stop,
    });
  }

  /** Ends what is under way. */
  abort(): void {
    for (const stop of this.underWay) stop.abort();
  }
}
