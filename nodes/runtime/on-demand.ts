import type { NodeAPI } from 'node-red';

const NODE_MADE = 'sagecrm:node-made';

/** What Node-RED says before flows start; without a `diff` they were loaded, not deployed. */
interface Starting {
  diff?: { removed?: readonly string[] };
}

/**
 * Puts off what a type or plugin brings along until it is needed, so that Node-RED does not wait for
 * it at its start: until a route below `/{name}` is called, a deploy deletes nodes (some may have
 * left state behind), or a node of ours is made (`whenNodeMade`, `nodeMade`). What is loaded may add
 * routes and listeners; they get the request or the event that it was loaded for.
 *
 * @returns gives what was loaded, and loads it the first time
 */
export function onDemand<Part>(RED: NodeAPI, name: string, load: () => Part): () => Part {
  let part: { readonly loaded: Part } | undefined;
  const need = (): Part => {
    part ??= { loaded: load() };
    return part.loaded;
  };
  RED.httpAdmin.use(`/${name}`, (_request: unknown, _response: unknown, next: () => void) => {
    need();
    next();
  });
  RED.events.on('flows:starting', ({ diff }: Starting = {}) => {
    if (diff?.removed !== undefined && diff.removed.length > 0) need();
  });
  return need;
}

/** Tells that a node of ours is about to be set up. */
export function nodeMade({ events }: Pick<NodeAPI, 'events'>): void {
  events.emit(NODE_MADE);
}

/** @returns ends the listening */
export function whenNodeMade(
  { events }: Pick<NodeAPI, 'events'>,
  listener: () => void,
): () => void {
  events.on(NODE_MADE, listener);
  return () => {
    events.removeListener(NODE_MADE, listener);
  };
}
