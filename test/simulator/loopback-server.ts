import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

export interface ListenOptions {
  /** Default `127.0.0.1`. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** PEM; the server then speaks https. */
  tls?: { key: string; cert: string };
}

export interface ListeningServer {
  /** Such as `127.0.0.1:8080`. */
  readonly host: string;
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Ends the server and every open connection. */
  close(): Promise<void>;
}

/** Starts an HTTP or HTTPS server. */
export async function listen(
  listener: RequestListener,
  { host = '127.0.0.1', port = 0, tls }: ListenOptions,
): Promise<ListeningServer> {
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(port, host);
  await once(server, 'listening');
  const authority = `${host.includes(':') ? `[${host}]` : host}:${portOf(server)}`;
  let closed: Promise<void> | undefined;
  return {
    host: authority,
    url: `${tls === undefined ? 'http' : 'https'}://${authority}`,
    close: () => (closed ??= closeServer(server)),
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

async function closeServer(server: Server): Promise<void> {
  const ended = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await ended;
}
