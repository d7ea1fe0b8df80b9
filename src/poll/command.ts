import { DateTime, type Zone } from 'luxon';
import { z } from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';
import type { StoreKind } from '../store/migration/movable';
import { readOrigin } from '../store/migration/origin';

/** What a message to the poll node asks for. */
export type Command =
  | { name: 'poll' | 'pause' | 'resume' | 'status' | 'confirm-deletes' }
  /** The ids of events that the flow has dealt with. */
  | { name: 'ack'; eventIds: string[] }
  /** Where the state comes from. */
  | { name: 'migrate'; from: StoreKind }
  /** `since` in epoch milliseconds; without `resources`, all of them. */
  | { name: 'replay'; since: number; resources?: string[] };

const topicSchema = z.enum([
  'poll',
  'pause',
  'resume',
  'status',
  'confirm-deletes',
  'ack',
  'migrate',
  'replay',
]);

const eventId = z.string().min(1);

/** The message itself, handed back; or ids alone, for a flow that gathers them. */
const ackSchema = z.union([
  z.object({ event: z.object({ eventId }) }).transform(({ event }) => [event.eventId]),
  z.object({ payload: z.array(eventId).min(1) }).transform(({ payload }) => payload),
  z.object({ payload: eventId }).transform(({ payload }) => [payload]),
]);

const replaySchema = z.object({
  since: z.union([
    z
      .string()
      .trim()
      .regex(/^\d{4}-?\d{2}/),
    z.number(),
    z.date(),
  ]),
  resource: z.string().optional(),
  resources: z.array(z.string()).min(1).optional(),
});

/**
 * Reads a message's topic; one that is not known asks for a poll, so that any Inject node will do.
 *
 * @param zone of a date without an offset
 * @throws SageCrmError `INPUT_INVALID` for a replay without a date, an ack without an event, or a move from
 *   nowhere
 */
export function readCommand(message: { topic?: unknown; payload?: unknown }, zone: Zone): Command {
  const topic = topicSchema.safeParse(message.topic);
  const name = topic.success ? topic.data : 'poll';
  if (name === 'ack') return { name, eventIds: readAck(message) };
  if (name === 'migrate') return { name, from: readOrigin(message.payload) };
  return name === 'replay' ? readReplay(message.payload, zone) : { name };
}

function readAck(message: object): string[] {
  const ack = ackSchema.safeParse(message);
  if (ack.success) return ack.data;
  throw new SageCrmError(
    'INPUT_INVALID',
    'an acknowledgement needs the event it is for',
    'hand back the message of the poll node with msg.event as it was, or put the event ids into msg.payload',
    { details: { field: 'event.eventId' } },
  );
}

function readReplay(payload: unknown, zone: Zone): Command {
  const replay = replaySchema.safeParse(payload);
  const since = replay.success ? instant(replay.data.since, zone) : undefined;
  if (!replay.success || since === undefined) {
    throw new SageCrmError(
      'INPUT_INVALID',
      'a replay needs the date to start from',
      'set msg.payload to an object such as {"since": "2026-01-31T00:00:00Z"}',
      { details: { field: 'payload.since' } },
    );
  }
  const { resource, resources = resource === undefined ? undefined : [resource] } = replay.data;
  return { name: 'replay', since, ...(resources === undefined ? {} : { resources }) };
}

function instant(since: string | number | Date, zone: Zone): number | undefined {
  if (typeof since === 'number') return Number.isFinite(since) ? since : undefined;
  const date =
    since instanceof Date ? DateTime.fromJSDate(since) : DateTime.fromISO(since, { zone });
  return date.isValid ? date.toMillis() : undefined;
}
