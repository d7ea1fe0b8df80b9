import type { BatchOperation } from 'classic-level';
import { SageCrmError } from '../errors/sagecrm-error';
import type { Level } from './open-level';
import { stateIo } from './state-error';

export type Operation = BatchOperation<Level, string, string>;

export function put(key: string, value: unknown): Operation {
  return putText(key, JSON.stringify(value));
}

export function putText(key: string, value: string): Operation {
  return { type: 'put', key, value };
}

export function del(key: string): Operation {
  return { type: 'del', key };
}

/** The range of all keys that start with `prefix`, which ends in `!`. */
export function below(prefix: string): { gte: string; lt: string } {
  return { gte: prefix, lt: `${prefix.slice(0, -1)}"` };
}

/** Runs a read or a write; what the disk says becomes `STATE_IO`, what we say stays. */
export async function guarded<Result>(
  action: 'read' | 'written',
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof SageCrmError) throw error;
    throw stateIo(action, error);
  }
}
