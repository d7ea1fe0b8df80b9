import type { NodeAPI } from 'node-red';
import type { RecordEvent } from '../../src/event/event';
import type { CallbackOverview, PollOverview } from '../../src/monitor/overview';

/** A started node of ours, as whoever watches sees it. One that refused to start is there, too. */
export type WatchedNode = { readonly id: string } & (
  | { readonly kind: 'poll'; overview(): PollOverview }
  | { readonly kind: 'callback'; overview(): Promise<CallbackOverview> }
);

/** What a node tells. When nobody watches it is told to nobody, and costs next to nothing. */
export interface Activity {
  /** An event has left the node. */
  emitted(event: RecordEvent): void;
  /** @param resource empty when the node as a whole is concerned */
  wentWrong(error: unknown, resource?: string): void;
  /** The node's overview has changed. */
  changed(): void;
  /** The node has stopped; resolves once whoever watches has dealt with that. */
  left(): Promise<void>;
}

/** Listens to all nodes of ours. */
export interface ActivityWatcher {
  joined(node: WatchedNode): void;
  /** @param waitFor makes the node's closing, and so Node-RED's, wait for what it is given */
  left(node: WatchedNode, waitFor: (work: Promise<void>) => void): void;
  emitted(node: WatchedNode, event: RecordEvent): void;
  wentWrong(node: WatchedNode, error: unknown, resource: string): void;
  changed(node: WatchedNode): void;
}

/** The names under which the nodes' runtime knows what is told, by what it is. */
const CHANNELS = {
  joined: 'sagecrm:joined',
  left: 'sagecrm:left',
  emitted: 'sagecrm:emitted',
  wentWrong: 'sagecrm:went-wrong',
  changed: 'sagecrm:changed',
} as const satisfies Record<keyof ActivityWatcher, string>;

/** Lets a node that has started be watched, until it tells that it has left. */
export function joinActivity({ events }: Pick<NodeAPI, 'events'>, node: WatchedNode): Activity {
  events.emit(CHANNELS.joined, node);
  return {
    emitted: (event) => {
      events.emit(CHANNELS.emitted, node, event);
    },
    wentWrong: (error, resource = '') => {
      events.emit(CHANNELS.wentWrong, node, error, resource);
    },
    changed: () => {
      events.emit(CHANNELS.changed, node);
    },
    left: async () => {
      const work: Promise<void>[] = [];
      events.emit(CHANNELS.left, node, (more: Promise<void>) => work.push(more));
      await Promise.all(work);
    },
  };
}

/** @returns ends the watching */
export function watchActivity(
  { events }: Pick<NodeAPI, 'events'>,
  watcher: ActivityWatcher,
): () => void {
  const listeners = Object.entries(CHANNELS).map(([what, channel]) => {
    const listener = watcher[what as keyof ActivityWatcher].bind(watcher) as () => void;
    events.on(channel, listener);
    return { channel, listener };
  });
  return () => {
    for (const { channel, listener } of listeners) events.removeListener(channel, listener);
  };
}
