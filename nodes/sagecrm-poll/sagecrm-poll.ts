import type { Node, NodeAPI, NodeDef } from 'node-red';
import { pollPropertiesSchema } from '../../src/config/poll-properties';
import { parseOrThrow } from '../../src/config/problems';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { watchFlowStarts } from '../runtime/flow-starts';
import { removeState } from '../runtime/state-folder';
import { serverOf } from '../runtime/server';
import { refuseToStart } from '../runtime/refuse';
import { addAdminRoutes } from './admin';
import { startPolling } from './polling';
import { addTryRoute } from './try-admin';

interface PollDefinition extends NodeDef {
  server: string;
}

export = function (RED: NodeAPI): void {
  addAdminRoutes(RED);
  addTryRoute(RED);
  const starts = watchFlowStarts(RED, (deleted, left) => {
    removeState(RED, deleted, left);
  });
  RED.nodes.registerType<Node, PollDefinition, object, object>(
    'sagecrm-poll',
    function (this: Node, definition: PollDefinition) {
      RED.nodes.createNode(this, definition);
      try {
        const properties = parseOrThrow(pollPropertiesSchema, definition);
        const server = serverOf(RED, definition.server);
        for (const { key, url } of properties.resources) server.checkUrl(key, url);
        startPolling({ RED, node: this, properties, server, starts });
      } catch (error) {
        if (!(error instanceof SageCrmError)) throw error;
        refuseToStart(RED, this, 'poll', error);
      }
    },
  );
};
