import { DateTime } from 'luxon';
import { z } from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';
import type { EventMessage } from '../event/event';

const isoDate = z.string().refine((value) => DateTime.fromISO(value).isValid);

/** An event id travels in a header: visible ASCII only. */
const eventId = z.string().regex(/^[\x21-\x7e]+$/);

const messageSchema = z.looseObject({
  payload: z.record(z.string(), z.unknown()),
  event: z.object({
    eventId,
    eventType: z.enum(['CREATED', 'UPDATED', 'DELETED']),
    objectType: z.string().min(1),
    objectId: z.string().min(1),
    date: isoDate,
    pollDate: isoDate,
    elementKey: z.literal('sagecrm').default('sagecrm'),
    hubKey: z.literal('crm').default('crm'),
    instanceName: z.string().default(''),
    tags: z.array(z.string()).default([]),
    changes: z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() })).optional(),
  }),
  instanceId: z.string().min(1).optional().catch(undefined),
});

/** What a callback takes from a message of the flow. */
export interface CallbackInput {
  message: EventMessage;
  /** The poll node's id, where the message carries it as `instanceId`. */
  instanceId?: string;
}

/**
 * Reads a message that came from a `sagecrm-poll` node. `topic` is free, since a flow may change it.
 *
 * @throws SageCrmError `INPUT_INVALID` for any other message
 */
export function readCallbackInput(value: unknown): CallbackInput {
  const result = messageSchema.safeParse(value);
  if (!result.success) throw notOurs(result.error);
  const { payload, event, instanceId } = result.data;
  return {
    message: { topic: event.objectType, payload, event },
    ...(instanceId === undefined ? {} : { instanceId }),
  };
}

function notOurs(error: z.ZodError): SageCrmError {
  const path = error.issues[0]?.path.join('.') ?? '';
  const part = path === '' ? 'it' : `msg.${path}`;
  return new SageCrmError(
    'INPUT_INVALID',
    `The message is not one of a sagecrm-poll node: ${part} is missing or not as expected`,
    'wire the first output of a sagecrm-poll node to this node, and leave msg.payload and msg.event as they are',
    { details: { field: path } },
  );
}

/** Deliveries of one record keep their order. */
export function laneOf({ event }: EventMessage): string {
  return JSON.stringify([event.objectType, event.objectId]);
}
