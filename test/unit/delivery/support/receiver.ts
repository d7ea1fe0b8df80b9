import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Received {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/**
 * An answer; `'hang'`: take the request and never answer; `'reset'`: break the connection;
 * `'trickle'`: answer with 200 and a body that never ends.
 */
export type Reply = Answer | 'hang' | 'reset' | 'trickle';

/** A webhook receiver on loopback that records what it gets and answers as told. */
export class Receiver {
  readonly requests: Received[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly server: http.Server | https.Server,
    private readonly scheme: 'http' | 'https',
    private readonly reply: (request: Received, number: number) => Reply,
  ) {
    server.on('request', (request, response) => {
      void this.take(request, response);
    });
  }

  /**
   * @param reply called with each request and its number, from 1
   * @param tls answers over HTTPS when given
   */
  static async start(
    reply: (request: Received, number: number) => Reply = () => ({ status: 200 }),
    tls?: { key: string; cert: string },
  ): Promise<Receiver> {
    const server = tls === undefined ? http.createServer() : https.createServer(tls);
    const receiver = new Receiver(server, tls === undefined ? 'http' : 'https', reply);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path = '/hook'): string {
    return `${this.scheme}://127.0.0.1:${this.port}${path}`;
  }

  /** Lets the server play a proxy: `handle` gets what asks for a tunnel. */
  onConnect(handle: (request: http.IncomingMessage, socket: Duplex) => void): void {
    this.server.on('connect', handle);
  }

  /** Resolves once this many requests have come in. */
  async until(count: number): Promise<Received[]> {
    while (this.requests.length < count) {
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
    return this.requests;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const received: Received = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    this.requests.push(received);
    const reply = this.reply(received, this.requests.length);
    for (const wake of this.waiting) wake();
    this.waiting.clear();
    if (reply === 'hang') return;
    if (reply === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    if (reply === 'trickle') {
      response.writeHead(200);
      response.write('a');
      return;
    }
    response.writeHead(reply.status, reply.headers);
    response.end(reply.body);
  }
}
