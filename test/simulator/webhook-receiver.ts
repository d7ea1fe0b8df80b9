import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { listen, type ListeningServer, type ListenOptions } from './loopback-server';
import { reset } from './sender';

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
  /** The connection is reset instead of an answer. */
  reset?: boolean;
}

/** A function that decides for each delivery, or a queue; 200 once the queue is empty. */
export type Responder = ((delivery: Delivery) => ReceiverAnswer) | ReceiverAnswer[];

export interface ReceiverOptions extends ListenOptions {
  respond?: Responder;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly deliveries: Delivery[];
  /** May be set at any time. */
  respond: Responder;
  /** Calls `listener` as a delivery has arrived, before it is answered; returns how to stop that. */
  onDelivery(listener: (delivery: Delivery) => void): () => void;
  /** Resolves with all deliveries once there are `count`; rejects when the receiver is closed. */
  waitFor(count: number): Promise<Delivery[]>;
  close(): Promise<void>;
}

/** Starts an endpoint that takes webhooks on any path and keeps them. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<WebhookReceiver> {
  const receiver = new Receiver(options.respond ?? []);
  await receiver.start(options);
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

  constructor(public respond: Responder) {}

  get url(): string {
    return this.listening().url;
  }

  async start(options: ListenOptions): Promise<void> {
    this.server = await listen((incoming, response) => {
      // A sender that hangs up early, or the end of the receiver, is no fault of the test.
      this.handle(incoming, response).catch(() => response.destroy());
    }, options);
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
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const delivery = await read(incoming);
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
    if (answer.reset === true) {
      reset(response);
      return;
    }
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
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

async function read(incoming: IncomingMessage): Promise<Delivery> {
  const body = await text(incoming);
  return {
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers: incoming.headers,
    body,
    json: parsed(body),
    at: Date.now(),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
