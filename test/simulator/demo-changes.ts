import type { SimulatedCrm } from './data';
import { changedFields } from './seed-data';
import type { CrmRow } from './table';

export interface DemoOptions {
  /** Real milliseconds between two changes. */
  everyMs: number;
  /** A number in [0, 1). */
  random: () => number;
  /** Runs something at that pace until the returned function is called. Default: a timer. */
  repeat?: (everyMs: number, run: () => void) => () => void;
}

/** Companies change most, users seldom. */
const ENTITIES = ['company', 'company', 'person', 'person', 'lead', 'opportunity', 'users'];

const SHARE_OF_NEW_RECORDS = 0.4;

/** Keeps creating and updating records as a busy office does; returns how to stop that. */
export function startDemoChanges(
  crm: SimulatedCrm,
  { everyMs, random, repeat = withTimer }: DemoOptions,
): () => void {
  return repeat(everyMs, () => makeDemoChange(crm, random));
}

function withTimer(everyMs: number, run: () => void): () => void {
  const timer = setInterval(run, everyMs);
  return () => {
    clearInterval(timer);
  };
}

/** Creates a record, or updates one there is. */
export function makeDemoChange(crm: SimulatedCrm, random: () => number): CrmRow {
  const entity = pick(ENTITIES, random) ?? 'company';
  const existing = pick(crm.rows(entity), random);
  if (existing === undefined || random() < SHARE_OF_NEW_RECORDS) return crm.create(entity);
  return crm.update(entity, existing.id, changedFields(entity, Math.floor(random() * 1000)));
}

function pick<T>(choices: readonly T[], random: () => number): T | undefined {
  return choices[Math.floor(random() * choices.length)];
}
