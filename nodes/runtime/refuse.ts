import type { Node, NodeAPI } from 'node-red';
import { systemClock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { problemView } from '../../src/monitor/problem';
import { joinActivity, type WatchedNode } from './activity';
import { onClose } from './lifecycle';

/**
 * Lets a node that cannot work stay in the flow: it shows which field is at fault, tells a Catch
 * node and whoever watches, and tells every message why.
 */
export function refuseToStart(
  RED: NodeAPI,
  node: Node,
  kind: WatchedNode['kind'],
  error: Error,
): void {
  const field = error instanceof SageCrmError ? (error.details.field ?? error.code) : '';
  const text = RED._(`${node.type}.status.invalid`, { field });
  node.status({ fill: 'red', shape: 'ring', text });
  node.error(error, {});
  node.on('input', (_msg, _send, done) => {
    done(error);
  });
  const activity = joinActivity(RED, stoppedNode(node, kind, error));
  activity.wentWrong(error);
  onClose(node, () => activity.left());
}

function stoppedNode(node: Node, kind: WatchedNode['kind'], error: Error): WatchedNode {
  const { id, z: flow, name = '' } = node;
  const problem = problemView(error, systemClock().now());
  if (kind === 'callback') {
    const overview = { id, name, flow, enabled: true, problem };
    return { id, kind, overview: () => Promise.resolve(overview) };
  }
  const state = 'stopped' as const;
  const overview = { id, name, flow, state, unacknowledged: 0, problem, resources: [] };
  return { id, kind, overview: () => overview };
}
