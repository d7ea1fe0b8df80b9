import type { NodeAPI, NodeDef } from 'node-red';
import type { CallbackCredentials } from '../../src/config/callback-properties';
import { nodeMade, onDemand } from '../runtime/on-demand';
import type * as Part from './part';

function load(RED: NodeAPI): Part.CallbackPart {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only a call loads it later
  const part = require('./part') as typeof Part;
  return part.openPart(RED);
}

export = function (RED: NodeAPI): void {
  const part = onDemand(RED, 'sagecrm-callback', () => load(RED));
  RED.nodes.registerType<Part.CallbackNode, NodeDef, object, Partial<CallbackCredentials>>(
    'sagecrm-callback',
    function (this: Part.CallbackNode, definition: NodeDef) {
      RED.nodes.createNode(this, definition);
      nodeMade(RED);
      part().start(this, definition);
    },
    {
      credentials: {
        signatureKey: { type: 'password' },
        username: { type: 'text' },
        password: { type: 'password' },
      },
    },
  );
};
