import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { answerNothing, answerPage } from '../../backlog/hub';
import { BacklogRows } from '../../backlog/rows';
import type { Traffic } from './support/traffic';

/**
 * A hub API below `/{number of records}`: `accounts` holds them all in the order of their dates, every
 * other resource is empty. `GET /traffic` tells what went over all connections since it was asked
 * last.
 */
function main(): void {
  const sockets = new Set<Socket>();
  let told: Traffic = { requests: 0, bytes: 0 };
  let requests = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const records = Number(/^\/(\d+)\//.exec(url.pathname)?.[1] ?? 0);
    if (url.pathname === '/traffic') {
      const now = { requests, bytes: bytesOf(sockets) };
      response.end(
        JSON.stringify({ requests: now.requests - told.requests, bytes: now.bytes - told.bytes }),
      );
      told = now;
      return;
    }
    requests += 1;
    if (url.pathname.endsWith('/accounts') && records > 0) {
      answerPage(new BacklogRows(records, 'ascending'), url.searchParams, response);
    } else answerNothing(response);
  });
  server.on('connection', (socket) => sockets.add(socket));
  // A connection that ends just as it is used again would be a fault, and none of a poll's.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.send?.({ url: `http://127.0.0.1:${port}` });
  });
  process.once('disconnect', () => process.exit());
}

/** Both ways, over connections that have ended, too. */
function bytesOf(sockets: ReadonlySet<Socket>): number {
  return [...sockets].reduce(
    (sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten,
    0,
  );
}

main();
