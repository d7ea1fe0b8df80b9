import type { Node, NodeAPI } from 'node-red';

/**
 * Tells a poll node that an event of its own is safe elsewhere. The two nodes need not be wired to
 * each other directly: the message carries the id of the node it came from.
 *
 * @param instanceId the id of the poll node
 */
export function acknowledge(RED: NodeAPI, instanceId: string, eventId: string): void {
  RED.events.emit(channelOf(instanceId), eventId);
}

/** Listens for acknowledgements of events of this node until it closes. */
export function onAcknowledged(
  RED: NodeAPI,
  node: Node,
  listener: (eventId: string) => void,
): void {
  const channel = channelOf(node.id);
  RED.events.on(channel, listener);
  node.on('close', () => {
    RED.events.removeListener(channel, listener);
  });
}

function channelOf(instanceId: string): string {
  return `sagecrm:acknowledged:${instanceId}`;
}
