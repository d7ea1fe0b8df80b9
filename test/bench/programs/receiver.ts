import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { monotonicUs } from './support/monotonic';
import type { Arrival } from './support/arrivals';

const bodySchema = z.object({ id: z.string() });

/**
 * Takes webhooks, and answers as soon as one is there as a whole. Of those posted to `/timed` it
 * remembers when, until `GET /arrivals` asks.
 */
function main(): void {
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const isTimed = request.url === '/timed';
    request.on('data', (chunk: Buffer) => {
      if (isTimed) chunks.push(chunk);
    });
    request.once('end', () => {
      const at = monotonicUs();
      const text = isAsking(request) ? JSON.stringify(arrivals.splice(0)) : '';
      response.writeHead(200, { 'Content-Length': Buffer.byteLength(text) }).end(text);
      if (isTimed) arrivals.push({ id: idOf(chunks), at });
    });
  });
  // A connection that ends just as it is used again would be a fault, and none of a sender's.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.send?.({ url: `http://127.0.0.1:${port}/` });
  });
  process.once('disconnect', () => process.exit());
}

function isAsking({ method, url }: IncomingMessage): boolean {
  return method === 'GET' && url === '/arrivals';
}

function idOf(chunks: readonly Buffer[]): string {
  return bodySchema.parse(JSON.parse(Buffer.concat(chunks).toString())).id;
}

main();
