import type { Node, NodeAPI, NodeDef } from 'node-red';
import { pollPropertiesSchema } from '../../src/config/poll-properties';
import { parseOrThrow } from '../../src/config/problems';
import { systemClock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { watchFlowStarts } from '../runtime/flow-starts';
import { removeState } from '../runtime/state-folder';
import { serverOf } from '../runtime/server';
import { refuseToStart } from '../runtime/refuse';
import { addAdminRoutes } from './admin';
import { LeftState } from './left-state';
import { startPolling } from './polling';
import { addTryRoute } from './try-admin';

export interface PollDefinition extends NodeDef {
  server: string;
}

/** All of `sagecrm-poll` but its name. */
export interface PollPart {
  /** Starts a node that Node-RED has made. */
  start(node: Node, definition: PollDefinition): void;
}

/** Adds the routes of the type. Call it once. */
export function openPart(RED: NodeAPI): PollPart {
  addAdminRoutes(RED);
  addTryRoute(RED);
  const leftState = new LeftState(RED, systemClock());
  const starts = watchFlowStarts(RED, (deleted, left) => {
    removeState(RED, deleted, left);
    leftState.deleted(deleted, left);
  });
  return {
    start(node, definition) {
      try {
        const properties = parseOrThrow(pollPropertiesSchema, definition);
        const server = serverOf(RED, definition.server);
        for (const { key, url } of properties.resources) server.checkUrl(key, url);
        startPolling({ RED, node, properties, server, starts, leftState });
      } catch (error) {
        if (!(error instanceof SageCrmError)) throw error;
        refuseToStart(RED, node, 'poll', error);
      }
    },
  };
}
