import type { IncomingMessage, ServerResponse } from 'node:http';
import { DateTime } from 'luxon';
import { jsonAnswer, logOnPage, type Answer } from './answer';
import type { ApiContext } from './api-context';
import { SimulatedClock } from './clock';
import { SimulatedCrm } from './data';
import { FaultPlan, type Fault } from './faults';
import { listen, type ListeningServer } from './loopback-server';
import type { SimulatorOptions } from './options';
import type { RecordedRequest } from './recorded-request';
import { requestUrl, routeFor, type Route } from './router';
import { RowQueries } from './row-query';
import { reset, sendCut, sendHuge, sendSlowly, sendWhole, untilGone } from './sender';
import { ServerDates } from './server-dates';

export type { RecordedRequest, SimulatorOptions };

/** A simulated Sage CRM: a real HTTP server with the hub API and the SData API over one database. */
export interface Simulator {
  /** Such as `http://127.0.0.1:8080`, without the base path. */
  readonly url: string;
  /** Such as `127.0.0.1:8080/elements/api-v2`, ready for the `subdomain` property. */
  readonly host: string;
  readonly clock: SimulatedClock;
  readonly crm: SimulatedCrm;
  readonly faults: FaultPlan;
  /** Every request so far, in the order of arrival. */
  readonly requests: RecordedRequest[];
  /** May be changed between requests to switch quirks. */
  options: SimulatorOptions;
  /** Calls `listener` as a request arrives, before it is answered; returns how to stop that. */
  onRequest(listener: (request: RecordedRequest) => void): () => void;
  /** Ends open connections too and leaves no handles. */
  close(): Promise<void>;
}

export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const server = new SimulatedServer(options);
  await server.start();
  return server;
}

class SimulatedServer implements Simulator {
  readonly clock: SimulatedClock;
  readonly crm: SimulatedCrm;
  readonly faults = new FaultPlan();
  readonly requests: RecordedRequest[] = [];
  private readonly listeners = new Set<(request: RecordedRequest) => void>();
  private readonly queries = new RowQueries();
  private dates = new ServerDates('UTC', 'Z');
  private server: ListeningServer | undefined;

  constructor(public options: SimulatorOptions) {
    this.clock = options.clock ?? SimulatedClock.running();
    this.crm = new SimulatedCrm(this.clock);
  }

  get url(): string {
    return this.listening().url;
  }

  get host(): string {
    return this.listening().host + (this.options.basePath ?? '');
  }

  async start(): Promise<void> {
    this.server = await listen((incoming, response) => {
      this.handle(incoming, response).catch((error: unknown) => {
        fail(response, error);
      });
    }, this.options);
  }

  onRequest(listener: (request: RecordedRequest) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.listening().close();
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    incoming.resume();
    const record = this.record(incoming);
    const requestId = `request-${this.requests.length}`;
    for (const listener of this.listeners) listener(record);
    response.sendDate = false;
    response.setHeader('date', this.dateHeader());
    const route = routeFor(incoming, this.url, requestId, this.context());
    await this.respond(response, record, route, this.faults.take(record));
  }

  private async respond(
    response: ServerResponse,
    record: RecordedRequest,
    route: Route,
    fault: Fault | undefined,
  ): Promise<void> {
    if (fault?.kind === 'reset') {
      reset(response);
      return;
    }
    if (fault?.kind === 'hang') {
      await Promise.race([this.faults.untilCleared(), untilGone(response)]);
      if (response.destroyed) return;
    }
    if (fault?.kind === 'hugeBody') {
      record.status = 200;
      await sendHuge(response, fault.bytes);
      return;
    }
    const answer = answerWith(route, fault);
    record.status = answer.status;
    if (fault?.kind === 'cutJson') await sendCut(response, answer, fault);
    else if (fault?.kind === 'slow') await sendSlowly(response, answer, fault);
    else sendWhole(response, answer);
  }

  private record(incoming: IncomingMessage): RecordedRequest {
    const { pathname, searchParams } = requestUrl(incoming, this.url);
    const record: RecordedRequest = {
      method: incoming.method ?? 'GET',
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: incoming.headers,
      at: this.clock.now(),
      status: 0,
    };
    this.requests.push(record);
    return record;
  }

  private context(): ApiContext {
    const { zone = 'UTC', dateStyle = 'Z' } = this.options;
    if (this.dates.zoneName !== zone || this.dates.style !== dateStyle) {
      this.dates = new ServerDates(zone, dateStyle);
    }
    return { crm: this.crm, options: this.options, queries: this.queries, dates: this.dates };
  }

  private dateHeader(): string {
    const ms = this.clock.now() + (this.options.dateHeaderSkewMs ?? 0);
    return DateTime.fromMillis(ms, { zone: 'utc' }).toHTTP() ?? '';
  }

  private listening(): ListeningServer {
    if (this.server === undefined) throw new Error('The simulator has not been started.');
    return this.server;
  }
}

/** The answer that goes out, as far as a fault replaces the true one. */
function answerWith(route: Route, fault: Fault | undefined): Answer {
  if (fault?.kind === 'refuse') return route.refusal();
  if (fault?.kind === 'html') return logOnPage();
  if (fault?.kind !== 'status') return route.answer();
  const { status, headers, body, contentType } = fault;
  const plain = route.failure(status);
  return {
    status,
    headers: {
      ...plain.headers,
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...headers,
    },
    body: body === undefined ? plain.body : typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** An error in the simulator itself, or in a test's own hook, is told to the client. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else sendWhole(response, jsonAnswer(500, { simulatorError: String(error) }));
}
