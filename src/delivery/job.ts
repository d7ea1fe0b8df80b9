import type { Mark, Tried } from '../store/outbox-store';

/**
 * One webhook to deliver, of one event or several: the first events of their lanes, which it holds
 * until it has an outcome.
 */
export interface Job {
  marks: Mark[];
  attempts: number;
  /** See `Tried`. */
  faults: number;
  /** The event must not share a webhook with others. */
  single: boolean;
  /** When the composition was stored. */
  sealedAt?: number;
  /** How long it was to wait when the last run of the outbox wrote it down. */
  due?: Pick<Tried, 'dueAt' | 'waitMs'>;
}

export function jobOf(marks: Mark[], tried: Tried | undefined, sealedAt?: number): Job {
  return {
    marks,
    attempts: tried?.attempts ?? 0,
    faults: tried?.faults ?? 0,
    single: tried?.single ?? false,
    ...(sealedAt === undefined ? {} : { sealedAt }),
    ...(tried === undefined ? {} : { due: { dueAt: tried.dueAt, waitMs: tried.waitMs } }),
  };
}

export function seqsOf({ marks }: Pick<Job, 'marks'>): number[] {
  return marks.map(({ seq }) => seq);
}

/** How long a job of an earlier run still waits, even if the wall clock was set back. */
export function waitLeft({ due }: Job, now: number): number {
  return due === undefined ? 0 : Math.min(Math.max(0, due.dueAt - now), due.waitMs);
}
