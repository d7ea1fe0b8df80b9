import type { NodeAPI, NodeDef } from 'node-red';
import { nodeMade, onDemand } from '../runtime/on-demand';
import type * as Part from './part';

function load(RED: NodeAPI): Part.ConfigPart {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only a call loads it later
  const part = require('./part') as typeof Part;
  return part.openPart(RED);
}

export = function (RED: NodeAPI): void {
  const part = onDemand(RED, 'sagecrm-config', () => load(RED));
  RED.nodes.registerType<Part.ConfigNode, NodeDef, object, Part.Credentials>(
    'sagecrm-config',
    function (this: Part.ConfigNode, definition: NodeDef) {
      RED.nodes.createNode(this, definition);
      nodeMade(RED);
      part().start(this, definition);
    },
    {
      credentials: {
        username: { type: 'text' },
        password: { type: 'password' },
        userSecret: { type: 'password' },
        organizationSecret: { type: 'password' },
        elementToken: { type: 'password' },
        redisUsername: { type: 'text' },
        redisPassword: { type: 'password' },
      },
    },
  );
};
