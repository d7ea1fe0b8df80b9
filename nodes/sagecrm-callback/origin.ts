import type { Node, NodeAPI } from 'node-red';
import type { CallbackProperties } from '../../src/config/callback-properties';
import type { Clock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import type { StoreKind } from '../../src/store/migration/movable';
import { alreadyThere, noEmbeddedStore } from '../../src/store/migration/origin';
import type { MovedOutbox } from '../../src/store/migration/outbox-state';
import type { SharedRedis } from '../runtime/redis';
import { isEmbeddedIn, stateFolder, userDirOf } from '../runtime/state-folder';
import { carryOutbox } from './movable-outbox';
import { chosenServer, redisOf } from './shared-outbox';

interface Bringing {
  RED: NodeAPI;
  node: Node;
  properties: CallbackProperties;
  clock: Clock;
}

/**
 * Moves the outbox of a callback node into the store in use; it must not be open.
 *
 * @throws SageCrmError `INPUT_INVALID` when it is to come from the store in use, or from one that is
 *   not there; and what opening and moving throw
 */
export async function bringOutbox(
  { RED, node, properties, clock }: Bringing,
  kind: StoreKind,
  signal: AbortSignal,
): Promise<MovedOutbox> {
  const used = redisOf(RED, properties);
  if ((used === undefined) === (kind === 'embedded')) throw alreadyThere(kind);
  const folder = stateFolder(RED, node);
  if (kind === 'embedded' && !isEmbeddedIn(folder)) throw noEmbeddedStore();
  const redis = used ?? openSetRedis(RED, properties);
  try {
    const onRedis = { redis, node: node.id, userDir: userDirOf(RED), clock, signal };
    const moved = await carryOutbox(onRedis, kind, folder);
    return moved ?? { events: 0, letters: 0, silenced: 0 };
  } finally {
    // The one in use belongs to the server node.
    if (redis !== used) redis.close();
  }
}

/** The Redis of the chosen server, which keeps its state beside Node-RED now. */
function openSetRedis(RED: NodeAPI, { server }: CallbackProperties): SharedRedis {
  const chosen = chosenServer(RED, server);
  if (chosen !== undefined) return chosen.openRedis();
  throw new SageCrmError(
    'INPUT_INVALID',
    'the callback node has no server, whose settings say where Redis is',
    'choose the server in the callback node and deploy, then send the message again',
    { details: { field: 'server' } },
  );
}
