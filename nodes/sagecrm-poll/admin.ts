import type { NodeAPI } from 'node-red';
import { z } from 'zod';
import { parseOrThrow } from '../../src/config/problems';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { postJson } from '../runtime/admin-routes';
import type { PollingNode } from './polling';

const WRITE = 'sagecrm-poll.write';

/** Everything beside the id is the payload of a message with the route's name as its topic. */
const bodySchema = z.looseObject({ id: z.string({ error: 'expected the id of a poll node' }) });

/**
 * Adds the routes that steer a deployed poll node. Call it once, when Node-RED loads the module. All
 * take `{id}`, the node's id, and answer `{}` as soon as the node has taken the request on:
 *
 * - `POST /sagecrm-poll/poll`, `/pause` and `/resume`
 * - `POST /sagecrm-poll/replay`, also with `since` and perhaps `resources`
 */
export function addAdminRoutes(RED: NodeAPI): void {
  for (const topic of ['poll', 'pause', 'resume', 'replay']) {
    postJson(RED, { path: `/sagecrm-poll/${topic}`, permission: WRITE }, (body) => {
      const { id, ...payload } = parseOrThrow(bodySchema, body);
      steerOf(RED, id)({ topic, payload });
      return Promise.resolve({});
    });
  }
}

function steerOf(RED: NodeAPI, id: string): NonNullable<PollingNode['steer']> {
  const node = RED.nodes.getNode(id) as PollingNode | null;
  if (node?.steer !== undefined) return node.steer;
  throw new SageCrmError(
    'INPUT_INVALID',
    'there is no poll node with this id that polls',
    'deploy the flow, and check that the node is enabled and its settings are valid',
    { details: { field: 'id' } },
  );
}
