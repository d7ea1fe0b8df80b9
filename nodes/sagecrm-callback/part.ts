import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from 'node-red';
import {
  callbackCredentialsSchema,
  callbackPropertiesSchema,
  type CallbackCredentials,
  type CallbackProperties,
} from '../../src/config/callback-properties';
import { parseOrThrow } from '../../src/config/problems';
import { readCallbackInput } from '../../src/delivery/input';
import { acknowledge } from '../runtime/acknowledgements';
import { joinActivity } from '../runtime/activity';
import { watchFlowStarts, type FlowStarts } from '../runtime/flow-starts';
import { asError, onClose } from '../runtime/lifecycle';
import { refuseToStart } from '../runtime/refuse';
import { removeState } from '../runtime/state-folder';
import { addAdminRoutes } from './admin';
import { startDelivering, type DeliveringNode } from './delivering';
import type { DeliveryReport } from './delivery-report';
import { addRequestRoutes } from './request-routes';

export type CallbackNode = DeliveringNode & Node<Partial<CallbackCredentials>>;

function start(RED: NodeAPI, node: CallbackNode, definition: NodeDef, starts: FlowStarts): void {
  try {
    const properties = parseOrThrow(callbackPropertiesSchema, definition);
    if (properties.enabled) startEnabled(RED, node, properties, starts);
    else startPassing(RED, node);
  } catch (error) {
    refuseToStart(RED, node, 'callback', asError(error));
  }
}

function startEnabled(
  RED: NodeAPI,
  node: CallbackNode,
  properties: CallbackProperties,
  starts: FlowStarts,
): void {
  const credentials = parseOrThrow(callbackCredentialsSchema, node.credentials, 'credentials');
  startDelivering({ RED, node, properties, credentials, starts });
}

/** A callback that is switched off lets everything through, and is done with it. */
function startPassing(RED: NodeAPI, node: CallbackNode): void {
  const text = RED._('sagecrm-callback.status.disabled');
  node.status({ fill: 'grey', shape: 'ring', text });
  const { id, name = '', z: flow } = node;
  const overview = { id, name, flow, enabled: false };
  const activity = joinActivity(RED, {
    id,
    kind: 'callback',
    overview: () => Promise.resolve(overview),
  });
  onClose(node, () => activity.left());
  node.on('input', (msg: NodeMessageInFlow, send, done) => {
    try {
      const { message, instanceId } = readCallbackInput(msg);
      const { eventId } = message.event;
      const report: DeliveryReport = { status: 'disabled', attempts: 0, id: eventId };
      send(Object.assign(msg, { delivery: report }));
      if (instanceId !== undefined) acknowledge(RED, instanceId, eventId);
      done();
    } catch (error) {
      done(asError(error));
    }
  });
}

/** All of `sagecrm-callback` but its name and credentials. */
export interface CallbackPart {
  /** Starts a node that Node-RED has made. */
  start(node: CallbackNode, definition: NodeDef): void;
}

/** Adds the routes of the type. Call it once. */
export function openPart(RED: NodeAPI): CallbackPart {
  addAdminRoutes(RED);
  addRequestRoutes(RED);
  const starts = watchFlowStarts(RED, (deleted, left) => {
    removeState(RED, deleted, left);
  });
  return {
    start: (node, definition) => {
      start(RED, node, definition, starts);
    },
  };
}
