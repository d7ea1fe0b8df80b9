import type { Node, NodeAPI } from 'node-red';
import { z } from 'zod';

/** What Node-RED says when flows have started; without a `diff` they were loaded, not deployed. */
const startedSchema = z.object({
  config: z.object({ flows: z.array(z.object({ id: z.string() })) }),
  diff: z.object({ removed: z.array(z.string()) }),
});

/** The moments at which flows start, for all nodes of a type: Node-RED has one listener of ours. */
export interface FlowStarts {
  /** Calls `start` once all nodes of the flows are there, unless `node` closes before. */
  whenStarted(node: Node, start: () => void): void;
  /** Ends the listening. */
  end(): void;
}

/** @param onDeleted told of the nodes that a deploy has deleted, not those it has only disabled, and of those that are left */
export function watchFlowStarts(
  RED: NodeAPI,
  onDeleted: (deleted: readonly string[], left: ReadonlySet<string>) => void,
): FlowStarts {
  const waiting = new Map<Node, () => void>();
  const onStarted = (started: unknown): void => {
    tellDeleted(started, onDeleted);
    const starts = [...waiting.values()];
    waiting.clear();
    for (const start of starts) start();
  };
  RED.events.on('flows:started', onStarted);
  return {
    whenStarted(node, start) {
      waiting.set(node, start);
      node.on('close', () => {
        waiting.delete(node);
      });
    },
    end() {
      RED.events.removeListener('flows:started', onStarted);
    },
  };
}

/** When another project is opened nothing is deleted: there is no `diff` then. */
function tellDeleted(
  started: unknown,
  onDeleted: (deleted: readonly string[], left: ReadonlySet<string>) => void,
): void {
  const deploy = startedSchema.safeParse(started);
  if (!deploy.success) return;
  const left = new Set(deploy.data.config.flows.map(({ id }) => id));
  const deleted = deploy.data.diff.removed.filter((id) => !left.has(id));
  if (deleted.length > 0) onDeleted(deleted, left);
}
