import type { Node, NodeAPI } from 'node-red';
import { nodeMade, onDemand } from '../runtime/on-demand';
import type * as Part from './part';

function load(RED: NodeAPI): Part.PollPart {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only a call loads it later
  const part = require('./part') as typeof Part;
  return part.openPart(RED);
}

export = function (RED: NodeAPI): void {
  const part = onDemand(RED, 'sagecrm-poll', () => load(RED));
  RED.nodes.registerType<Node, Part.PollDefinition, object, object>(
    'sagecrm-poll',
    function (this: Node, definition: Part.PollDefinition) {
      RED.nodes.createNode(this, definition);
      nodeMade(RED);
      part().start(this, definition);
    },
  );
};
