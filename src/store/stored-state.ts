import { z } from 'zod';
import { parsedJson } from '../json/parsed-json';
import { readMove, type Move } from './migration/movable';
import { resourceStateSchema, type ResourceState } from './poll-store';
import { stateCorrupt } from './state-error';

/** @throws SageCrmError `STATE_CORRUPT` */
export function readStateText(resource: string, text: string): ResourceState {
  return read(resourceStateSchema, resource, text);
}

/** @throws SageCrmError `STATE_CORRUPT` */
export function readPollMove(resource: string, text: string | undefined): Move | undefined {
  return readMove(text, () => unreadable(resource));
}

export function readBegun(text: string | undefined): number | undefined {
  return z.number().safeParse(text === undefined ? undefined : parsedJson(text)).data;
}

function read<Value>(schema: z.ZodType<Value>, resource: string, text: string): Value {
  const found = schema.safeParse(parsedJson(text));
  if (found.success) return found.data;
  throw unreadable(resource);
}

function unreadable(resource: string): Error {
  return stateCorrupt(`of ${resource} cannot be read`, undefined, resource);
}
