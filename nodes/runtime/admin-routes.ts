import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { NodeAPI } from 'node-red';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { toldError } from '../../src/errors/told-error';
import type { AdminError } from './admin-error';

/** A POST route that only users with the permission get to. */
export interface AdminRoute {
  path: string;
  /** As Node-RED names them, such as `sagecrm-config.write`. */
  permission: string;
}

/** Node-RED itself lets 5 MB through, which is far more than any form holds. */
const LARGEST_BODY = 256 * 1024;

type Request = IncomingMessage & { body?: unknown };

/**
 * Adds a route that answers with one JSON value. The signal is aborted when the browser goes away.
 * A `SageCrmError` becomes status 400 with an `AdminError`.
 */
export function postJson(
  RED: NodeAPI,
  route: AdminRoute,
  answer: (body: unknown, signal: AbortSignal) => Promise<unknown>,
): void {
  addRoute(RED, route, async (body, response) => {
    const value = await answer(body, goneSignal(response));
    if (!response.destroyed) send(response, 200, value);
  });
}

/**
 * Adds a route that answers with newline-delimited JSON, one value a line as soon as it is known.
 * What `prepare` throws becomes status 400; what the values throw becomes a last line
 * `{"error": …}`. The signal is aborted when the browser goes away.
 */
export function postLines(
  RED: NodeAPI,
  route: AdminRoute,
  prepare: (body: unknown, signal: AbortSignal) => AsyncIterable<unknown>,
): void {
  addRoute(RED, route, async (body, response) => {
    const values = prepare(body, goneSignal(response));
    response.writeHead(200, {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'cache-control': 'no-store',
      // Proxies that collect an answer before they pass it on would hold the lines back.
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    await pipeline(linesOf(RED, values), response);
  });
}

async function* linesOf(RED: NodeAPI, values: AsyncIterable<unknown>): AsyncGenerator<string> {
  try {
    for await (const value of values) yield `${JSON.stringify(value)}\n`;
  } catch (error) {
    yield `${JSON.stringify({ error: adminError(RED, error) })}\n`;
  }
}

function addRoute(
  RED: NodeAPI,
  { path, permission }: AdminRoute,
  handle: (body: unknown, response: ServerResponse) => Promise<void>,
): void {
  RED.httpAdmin.post(
    path,
    RED.auth.needsPermission(permission),
    (request: Request, response: ServerResponse) => {
      respond(request, response, handle).catch((error: unknown) => {
        // The browser has gone, or a stream of lines has broken: nobody is left to be told.
        if (response.headersSent || response.destroyed) response.destroy();
        else send(response, error instanceof SageCrmError ? 400 : 500, adminError(RED, error));
      });
    },
  );
}

async function respond(
  request: Request,
  response: ServerResponse,
  handle: (body: unknown, response: ServerResponse) => Promise<void>,
): Promise<void> {
  if (JSON.stringify(request.body ?? '').length > LARGEST_BODY) {
    throw new SageCrmError(
      'INPUT_INVALID',
      'the request is too large',
      'send only the settings of the configuration node and its resources',
    );
  }
  await handle(request.body, response);
}

function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  return gone.signal;
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(value));
}

/** An error of ours tells everything; any other may hold what is nobody's business. */
function adminError(RED: NodeAPI, error: unknown): AdminError {
  const told = toldError(error);
  if (error instanceof SageCrmError) {
    const { field } = error.details;
    return { ...told, ...(field && { field }) };
  }
  RED.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return told;
}
