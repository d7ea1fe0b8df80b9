import { z } from 'zod';
import { SageCrmError } from '../../errors/sagecrm-error';
import { STORE_KINDS, type StoreKind } from './movable';

const originSchema = z.object({ from: z.enum(STORE_KINDS) });

/**
 * Where the state comes from, by the payload of a message `migrate`.
 *
 * @throws SageCrmError `INPUT_INVALID`
 */
export function readOrigin(payload: unknown): StoreKind {
  const origin = originSchema.safeParse(payload);
  if (origin.success) return origin.data.from;
  throw invalid(
    'a move needs to know where the state comes from',
    'set msg.payload to {"from": "embedded"} or {"from": "redis"}',
  );
}

/** It is to come from the store that is in use. */
export function alreadyThere(from: StoreKind): SageCrmError {
  return invalid(
    `the node keeps its state in the store "${from}" already, so nothing can be moved from there`,
    'choose the other store in the server node and deploy, then send the message again',
  );
}

export function noEmbeddedStore(): SageCrmError {
  return invalid(
    'there is no embedded store of this node on this machine',
    'send the message to the Node-RED that has worked with it',
  );
}

function invalid(what: string, nextStep: string): SageCrmError {
  return new SageCrmError('INPUT_INVALID', what, nextStep, { details: { field: 'payload.from' } });
}
