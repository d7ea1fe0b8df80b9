import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import type { Answer } from './answer';

const DEFAULT_CHUNK_BYTES = 1024;
const FILLER_BYTES = 64 * 1024;

/** Sends an answer as it is. */
export function sendWhole(response: ServerResponse, answer: Answer): void {
  const body = Buffer.from(answer.body);
  writeHead(response, answer, body.length);
  response.end(body);
}

/** Sends the beginning of a body; unless `complete`, the headers promise all of it. */
export async function sendCut(
  response: ServerResponse,
  answer: Answer,
  { complete = false, keepBytes }: { complete?: boolean; keepBytes?: number },
): Promise<void> {
  const body = Buffer.from(answer.body);
  const kept = body.subarray(0, keepBytes ?? Math.floor(body.length / 2));
  writeHead(response, answer, complete ? kept.length : body.length);
  if (complete) {
    response.end(kept);
    return;
  }
  await new Promise((resolve) => response.write(kept, resolve));
  response.socket?.end();
}

/** Sends a body in pieces, each after a pause. */
export async function sendSlowly(
  response: ServerResponse,
  answer: Answer,
  { chunkDelayMs, chunkBytes = DEFAULT_CHUNK_BYTES }: { chunkDelayMs: number; chunkBytes?: number },
): Promise<void> {
  const body = Buffer.from(answer.body);
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  writeHead(response, answer, body.length);
  response.flushHeaders();
  try {
    for (let start = 0; start < body.length; start += chunkBytes) {
      await pause(chunkDelayMs, undefined, { signal: gone.signal });
      response.write(body.subarray(start, start + chunkBytes));
    }
    response.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

/** Sends valid JSON of `bytes` bytes in pieces, as fast as the client reads. */
export async function sendHuge(response: ServerResponse, bytes: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json;charset=utf-8' });
  try {
    await pipeline(Readable.from(filler(bytes)), response);
  } catch (error) {
    // A client that has had enough hangs up, which is what this fault is for.
    if (!response.destroyed) throw error;
  }
}

/** Ends the connection with a reset, so that the client sees ECONNRESET. */
export function reset(response: ServerResponse): void {
  const { socket } = response;
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}

/** Resolves when the client or the server has ended the connection. */
export async function untilGone(response: ServerResponse): Promise<void> {
  if (!response.destroyed) await once(response, 'close');
}

function writeHead(response: ServerResponse, answer: Answer, contentLength: number): void {
  response.writeHead(answer.status, { ...answer.headers, 'content-length': contentLength });
}

function* filler(bytes: number): Generator<string> {
  const [open, close] = ['["', '"]'];
  let left = Math.max(0, bytes - open.length - close.length);
  yield open;
  for (; left > 0; left -= FILLER_BYTES) yield 'x'.repeat(Math.min(left, FILLER_BYTES));
  yield close;
}
