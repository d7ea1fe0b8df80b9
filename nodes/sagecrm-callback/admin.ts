import type { NodeAPI } from 'node-red';
import { z } from 'zod';
import { parseOrThrow } from '../../src/config/problems';
import { readLetterChoice, readLetterPage } from '../../src/delivery/command';
import type { CallbackOutbox } from '../../src/delivery/callback-outbox';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { postJson } from '../runtime/admin-routes';
import { lettersForFlow } from './dead-letter-view';
import type { DeliveringNode } from './delivering';

const READ = 'sagecrm-callback.read';
const WRITE = 'sagecrm-callback.write';

const nodeSchema = z.looseObject({ id: z.string({ error: 'expected the id of a callback node' }) });

/**
 * Adds the routes that show and steer the outbox of a deployed callback node. Call it once, when
 * Node-RED loads the module. All take `{id}`, the node's id, and answer with JSON:
 *
 * - `POST /sagecrm-callback/status`: an `OutboxStatus`
 * - `POST /sagecrm-callback/dead-letters`, also with `order`, `limit`, `after`: `DeadLetterView`s
 * - `POST /sagecrm-callback/replay` and `/drop`, with `letters` or `all`: how many there were
 * - `POST /sagecrm-callback/enable`: ends the silence after a 410; an `OutboxStatus`
 */
export function addAdminRoutes(RED: NodeAPI): void {
  const route = (
    name: string,
    permission: string,
    answer: (outbox: CallbackOutbox, body: unknown) => Promise<unknown>,
  ): void => {
    postJson(RED, { path: `/sagecrm-callback/${name}`, permission }, async (body) =>
      answer(await outboxOf(RED, body), body),
    );
  };
  route('status', READ, (outbox) => outbox.status());
  route('dead-letters', READ, async (outbox, body) =>
    lettersForFlow(await outbox.deadLetters(readLetterPage(body))),
  );
  route('replay', WRITE, async (outbox, body) => ({
    replayed: await outbox.replayDead(readLetterChoice(body)),
  }));
  route('drop', WRITE, async (outbox, body) => ({
    dropped: await outbox.dropDead(readLetterChoice(body)),
  }));
  route('enable', WRITE, async (outbox) => {
    await outbox.enable();
    return outbox.status();
  });
}

function outboxOf(RED: NodeAPI, body: unknown): Promise<CallbackOutbox> {
  const { id } = parseOrThrow(nodeSchema, body);
  const node = RED.nodes.getNode(id) as DeliveringNode | null;
  if (node?.outbox !== undefined) return node.outbox();
  throw new SageCrmError(
    'INPUT_INVALID',
    'there is no callback node with this id that delivers',
    'deploy the flow, and check that the node is enabled',
    { details: { field: 'id' } },
  );
}
