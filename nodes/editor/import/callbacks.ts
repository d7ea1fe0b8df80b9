import type { EditorNode } from '../editor-node';
import { reachable } from './layout';

const CALLBACK = 'sagecrm-callback';

/** The callback nodes that a poll node's messages reach by wires and links, nearest first. */
export function callbacksOf(poll: EditorNode): EditorNode[] {
  return reachable(poll, followers).filter(({ type }) => type === CALLBACK);
}

function followers(node: EditorNode): EditorNode[] {
  const linked: unknown[] = node.type === 'link out' && Array.isArray(node.links) ? node.links : [];
  return [
    ...RED.nodes.getDownstreamNodes(node),
    ...linked.flatMap((id) => RED.nodes.node(String(id)) ?? []),
  ];
}

/** What the user knows a node by. */
export function nameOf(node: EditorNode): string {
  const named = [node.name, node.subdomain, node.url].find(
    (text) => typeof text === 'string' && text !== '',
  );
  return typeof named === 'string' ? named : node.id;
}
