import type { Node } from 'node-red';

/** Runs `close` when the node closes, and makes Node-RED wait for it. */
export function onClose(node: Node, close: () => Promise<void>): void {
  // Node-RED waits for `done` only when the handler takes exactly these two parameters.
  node.on('close', (_removed: boolean, done: () => void) => {
    close().then(done, (error: unknown) => {
      node.error(asError(error));
      done();
    });
  });
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
