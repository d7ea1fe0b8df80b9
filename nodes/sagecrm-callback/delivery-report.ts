import type { NodeMessage, NodeMessageInFlow } from 'node-red';
import type { Outcome } from '../../src/delivery/outcome';
import type { EventMessage } from '../../src/event/event';

/** `msg.delivery` of every message that leaves a callback node, or comes to a Catch node from it. */
export interface DeliveryReport {
  status: 'delivered' | 'failed' | 'disabled';
  /** The status of the last answer, where there was one. */
  statusCode?: number;
  attempts: number;
  /** The webhook's id: the event's own, unless several events shared a webhook. */
  id: string;
  /** The number of the dead letter that a failed delivery has become. */
  letter?: number;
}

/** The message as it was taken, with what became of it. */
export function withReport(outcome: Outcome): NodeMessage {
  const { entry, status, statusCode, attempts, id } = outcome;
  const delivery: DeliveryReport = {
    status,
    ...(statusCode === undefined ? {} : { statusCode }),
    attempts,
    id,
    ...(outcome.status === 'failed' ? { letter: outcome.letter } : {}),
  };
  const message = { ...entry.message, delivery };
  return message;
}

/**
 * What of a message goes into the outbox: all that JSON can hold, since the message may leave the node
 * only after a restart.
 */
export function storable(msg: NodeMessageInFlow, message: EventMessage): EventMessage {
  const rest = Object.entries(msg).filter(([, value]) => isStorable(value));
  const { topic } = msg;
  return {
    ...Object.fromEntries(rest),
    ...message,
    ...(typeof topic === 'string' ? { topic } : {}),
  };
}

/** Not so the request and response of an HTTP In node, or functions. */
function isStorable(value: unknown): boolean {
  try {
    return typeof JSON.stringify(value) === 'string';
  } catch {
    return false;
  }
}
