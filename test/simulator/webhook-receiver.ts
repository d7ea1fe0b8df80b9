import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { atReservedPlace, leavePlace, PortTaken, type Place } from '../support/reserved-place';
import type { Answer } from './answer';
import { listen, type ListeningServer, type ListenOptions } from './loopback-server';
import { reset, sendHuge, sendSlowly } from './sender';

/** A webhook as it arrived. */
export interface Delivery {
  method: string;
  /** With the query. */
  path: string;
  headers: IncomingHttpHeaders;
  /** The body as sent, which is what a signature covers. */
  body: string;
  /** The body parsed; undefined when it is not JSON. */
  json: unknown;
  /** Real time in milliseconds. */
  at: number;
  /** How much of the answer, its headers too, went out; once it is over. */
  answered: Promise<number>;
}

/** How to answer a delivery; by default 200 at once without a body. */
export interface ReceiverAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Real milliseconds before the answer. */
  delayMs?: number;
  /** No answer until the receiver is closed. */
  hang?: boolean;
  /** The connection is reset instead of an answer, or in the middle of its headers or its body. */
  reset?: boolean | 'in headers' | 'in body';
  /** The body comes byte by byte, so many real milliseconds after one another. */
  byteDelayMs?: number;
  /** A body of that many bytes instead, as fast as it is read. */
  hugeBytes?: number;
  /** The connection ends with the answer, which does not say so. */
  hangUp?: boolean;
}

/** A function that decides for each delivery, or a queue; 200 once the queue is empty. */
export type Responder = ((delivery: Delivery) => ReceiverAnswer) | ReceiverAnswer[];

export interface ReceiverOptions extends ListenOptions {
  respond?: Responder;
  /** The machine's time, for `at`. */
  now?: () => number;
  /** Its port stays its own while it is down. */
  canGoDown?: boolean;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly deliveries: Delivery[];
  /** May be set at any time. */
  respond: Responder;
  /** Calls `listener` as a delivery has arrived, before it is answered; returns how to stop that. */
  onDelivery(listener: (delivery: Delivery) => void): () => void;
  /** Refuses connections, and ends those that are open, until `comeUp`. It is started to do so. */
  goDown(): Promise<void>;
  /** Takes connections again, at the same address. */
  comeUp(): Promise<void>;
  /** Resolves with all deliveries once there are `count`; rejects when the receiver is closed. */
  waitFor(count: number): Promise<Delivery[]>;
  close(): Promise<void>;
}

/** Starts an endpoint that takes webhooks on any path and keeps them. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<WebhookReceiver> {
  if (options.canGoDown === true) return atReservedPlace((place) => started(options, place));
  return started(options);
}

async function started(options: ReceiverOptions, place?: Place): Promise<WebhookReceiver> {
  const receiver = new Receiver(options.respond ?? [], options, place);
  await receiver.start();
  return receiver;
}

interface Waiter {
  count: number;
  resolve: (deliveries: Delivery[]) => void;
  reject: (error: Error) => void;
}

class Receiver implements WebhookReceiver {
  readonly deliveries: Delivery[] = [];
  private readonly listeners = new Set<(delivery: Delivery) => void>();
  private readonly closing = new AbortController();
  private waiters: Waiter[] = [];
  private server: ListeningServer | undefined;

  constructor(
    public respond: Responder,
    private readonly options: Omit<ReceiverOptions, 'respond'>,
    private readonly place: Place | undefined,
  ) {}

  get url(): string {
    return this.listening().url;
  }

  async start(): Promise<void> {
    const port = this.place?.port ?? this.options.port;
    const listening = listen(
      (incoming, response) => {
        // A sender that hangs up early, or the end of the receiver, is no fault of the test.
        this.handle(incoming, response).catch(() => response.destroy());
      },
      { ...this.options, ...(port === undefined ? {} : { port }) },
    );
    this.server = await listening.catch((error: unknown) => {
      throw this.place === undefined ? error : new PortTaken(String(error), { cause: error });
    });
  }

  async goDown(): Promise<void> {
    if (this.place === undefined) throw new Error('it was started without canGoDown');
    await this.listening().close();
  }

  comeUp(): Promise<void> {
    return this.start();
  }

  onDelivery(listener: (delivery: Delivery) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  waitFor(count: number): Promise<Delivery[]> {
    if (this.deliveries.length >= count) return Promise.resolve(this.deliveries);
    return new Promise((resolve, reject) => {
      this.waiters.push({ count, resolve, reject });
    });
  }

  async close(): Promise<void> {
    this.closing.abort();
    const got = this.deliveries.length;
    for (const { count, reject } of this.waiters.splice(0)) {
      reject(new Error(`The receiver was closed after ${got} of ${count} deliveries.`));
    }
    await this.listening().close();
    if (this.place !== undefined) await leavePlace(this.place);
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { now = Date.now } = this.options;
    const delivery = await read(incoming, answeredBytes(response), now);
    this.deliveries.push(delivery);
    const answer =
      typeof this.respond === 'function' ? this.respond(delivery) : (this.respond.shift() ?? {});
    for (const listener of this.listeners) listener(delivery);
    this.wakeWaiters();
    await this.answer(response, answer);
  }

  private async answer(response: ServerResponse, answer: ReceiverAnswer): Promise<void> {
    if (answer.hang === true) return;
    if (answer.delayMs !== undefined) {
      await pause(answer.delayMs, undefined, { signal: this.closing.signal });
    }
    if (answer.reset !== undefined && answer.reset !== false) {
      await resetAfter(response, answer, answer.reset);
    } else if (answer.hugeBytes !== undefined) {
      await sendHuge(response, answer.hugeBytes);
    } else if (answer.byteDelayMs !== undefined) {
      await sendSlowly(response, plain(answer), {
        chunkDelayMs: answer.byteDelayMs,
        chunkBytes: 1,
      });
    } else {
      const { socket } = response;
      response.writeHead(answer.status ?? 200, answer.headers).end(answer.body, () => {
        if (answer.hangUp === true) socket?.destroySoon();
      });
    }
  }

  private wakeWaiters(): void {
    const isDue = ({ count }: Waiter): boolean => this.deliveries.length >= count;
    const due = this.waiters.filter(isDue);
    this.waiters = this.waiters.filter((waiter) => !isDue(waiter));
    for (const { resolve } of due) resolve(this.deliveries);
  }

  private listening(): ListeningServer {
    if (this.server === undefined) throw new Error('The receiver has not been started.');
    return this.server;
  }
}

/** The socket counts what it has sent over all its answers. */
async function answeredBytes(response: ServerResponse): Promise<number> {
  const { socket } = response;
  const before = socket?.bytesWritten ?? 0;
  await new Promise((resolve) => response.once('close', resolve));
  return (socket?.bytesWritten ?? before) - before;
}

async function resetAfter(
  response: ServerResponse,
  answer: ReceiverAnswer,
  where: true | 'in headers' | 'in body',
): Promise<void> {
  if (where !== true) {
    const head = [`HTTP/1.1 ${answer.status ?? 200} OK`, 'Content-Length: 1000'].join('\r\n');
    const part = where === 'in headers' ? head : `${head}\r\n\r\nthe beginning`;
    await new Promise((resolve) => response.socket?.write(part, resolve));
  }
  reset(response);
}

function plain({ status = 200, headers = {}, body = '' }: ReceiverAnswer): Answer {
  return { status, headers, body };
}

async function read(
  incoming: IncomingMessage,
  answered: Promise<number>,
  now: () => number,
): Promise<Delivery> {
  const body = await text(incoming);
  return {
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers: incoming.headers,
    body,
    json: parsed(body),
    at: now(),
    answered,
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
