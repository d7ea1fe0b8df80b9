import type { Node, NodeAPI } from 'node-red';
import { SageCrmError } from '../../src/errors/sagecrm-error';

/**
 * Lets a node that cannot work stay in the flow: it shows which field is at fault, tells a Catch
 * node, and tells every message why.
 */
export function refuseToStart(RED: NodeAPI, node: Node, error: Error): void {
  const field = (error instanceof SageCrmError ? error.details.field : undefined) ?? '';
  const text = RED._(`${node.type}.status.invalid`, { field });
  node.status({ fill: 'red', shape: 'ring', text });
  node.error(error, {});
  node.on('input', (_msg, _send, done) => {
    done(error);
  });
}
