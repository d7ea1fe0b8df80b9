import { createServer } from 'node:http';
import { answerNothing, answerPage } from './hub';
import { listeningSchema, serverOptionsSchema, tell } from './messages';
import { BacklogRows } from './rows';

/**
 * A hub API with one full resource, `accounts`; every other one is empty. It works its pages out row
 * by row and holds none of them, so that it is never what a poll waits for.
 */
function main(): void {
  const { records, order } = serverOptionsSchema.parse(JSON.parse(process.argv[2] ?? ''));
  const rows = new BacklogRows(records, order);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname.endsWith('/accounts')) answerPage(rows, url.searchParams, response);
    else answerNothing(response);
  });
  // A connection that ends just as it is used again would be a fault, and none of a backlog's.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => {
    const { port } = listeningSchema.parse(server.address());
    tell({ port });
  });
  process.once('disconnect', () => process.exit());
}

main();
