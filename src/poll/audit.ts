import { SageCrmError } from '../errors/sagecrm-error';
import type { Resource } from '../config/resources';
import type { Change, ResourceState } from '../store/poll-store';

/** Wide look-backs in the time of one of them: what is late by up to three quarters of it is found. */
const AUDITS_PER_WINDOW = 4;

/**
 * Now and then a poll looks back much further than the overlap, for commits that became visible
 * later than that after their stamp. Instants and spans are in milliseconds.
 */
export class Audit {
  /** @param windowMs how far to look back; 0: never */
  constructor(private readonly windowMs: number) {}

  /** How far back a poll may look at the most. */
  retention(lookBack: number): number {
    return Math.max(this.windowMs, lookBack);
  }

  /** @param now by this machine's clock; when that is wrong, only the time of an audit is */
  isDue({ auditedAt, seenFrom }: ResourceState, now: number): boolean {
    // Before the first poll has ended there is nothing to compare with.
    if (this.windowMs === 0 || seenFrom === null) return false;
    if (auditedAt === null) return true;
    return now >= auditedAt + this.windowMs / AUDITS_PER_WINDOW || now < auditedAt;
  }
}

/** True for a change that no ordinary poll would have shown any more. */
export function isLate({ seenUntil }: Change, ordinaryFrom: number | null): boolean {
  return seenUntil !== null && ordinaryFrom !== null && seenUntil < ordinaryFrom;
}

/** Told once per audit that found something. */
export function lateCommits(resource: Resource, count: number, lookBack: number): SageCrmError {
  return new SageCrmError(
    'LATE_COMMITS',
    `${count} ${count === 1 ? 'change' : 'changes'} of ${resource.key} became visible more than ${lookBack / 1000} s after the date ${count === 1 ? 'it bears' : 'they bear'}`,
    'nothing was lost, but it came late: raise the overlap of the poll node above the time that imports and long transactions take in Sage CRM',
    { details: { resource: resource.key } },
  );
}
