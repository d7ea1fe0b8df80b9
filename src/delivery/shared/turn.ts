import { z } from 'zod';
import { SageCrmError } from '../../errors/sagecrm-error';
import { parsedJson } from '../../json/parsed-json';
import { hashed } from '../../store/outbox-layout';
import { newEventSchema, type NewEvent } from '../../store/outbox-store';

/** Where an event belongs; each stands for something longer. */
export interface Place {
  lane: string;
  target: string;
  /** Only events of one group can share a webhook. */
  group: string;
}

/** An event whose turn has come: the first of its lane. */
export interface Turn extends Place {
  id: string;
}

/** A turn that needs a job. */
export interface DueTurn extends Turn {
  /** Its webhook may wait for more events. */
  waits: boolean;
}

/** What follows when an event came or went. */
export interface Coming {
  turns: readonly DueTurn[];
  /** Jobs whose webhook need not wait any more. */
  full: readonly string[];
}

const comingSchema = z.tuple([
  z.array(z.tuple([z.string(), z.string(), z.number()])),
  z.array(z.string()),
]);

/** Reads what the scripts answer; what comes is of the same target and group as what was. */
export function readComing(answer: unknown, { target, group }: Omit<Place, 'lane'>): Coming {
  const [turns, full] = comingSchema.parse(answer);
  return {
    turns: turns.map(([id, lane, waits]) => ({ id, lane, target, group, waits: waits === 1 })),
    full,
  };
}

export function placeOf({ lane, target, instanceId, message }: NewEvent): Place {
  const group = JSON.stringify([target, message.event.objectType, instanceId]);
  return { lane: hashed(lane), target: hashed(target), group: hashed(group) };
}

/** An event of this identity is not taken while another one waits. */
export function identityOf({ message, target }: NewEvent): string {
  return hashed(JSON.stringify([message.event.eventId, target]));
}

/** @throws SageCrmError `STATE_CORRUPT` */
export function readEvent(text: string | null): NewEvent {
  const event = newEventSchema.safeParse(parsedJson(text ?? ''));
  if (event.success) return event.data;
  throw sharedCorrupt('holds a damaged event');
}

/** State on Redis that is there but cannot be understood. */
export function sharedCorrupt(what: string): SageCrmError {
  return new SageCrmError(
    'STATE_CORRUPT',
    `the state on Redis ${what}`,
    'the webhooks of its record wait, so that none is lost in silence; restore Redis from a backup, or update this package if a newer version has written the state',
  );
}
