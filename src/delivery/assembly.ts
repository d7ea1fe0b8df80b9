import type { Mark } from '../store/outbox-store';
import type { Job } from './job';

interface Open {
  job: Job;
  group: string;
  /** How many reads of the queue it has seen end. */
  age: number;
}

/** A webhook that could take more events is passed on after so many reads of the queue. */
const OLDEST = 2;

/** Webhooks that could take more events, at most one of each group. */
export class Assembly {
  private readonly groups = new Map<string, Open>();

  constructor(
    private readonly size: number,
    private readonly onComplete: (job: Job) => void,
  ) {}

  /** Begins a webhook; false when it takes no more events, so that it is complete already. */
  open(job: Job, group: string): boolean {
    if (this.size > 1) {
      this.groups.set(group, { job, group, age: 0 });
      return true;
    }
    this.onComplete(job);
    return false;
  }

  /** The webhook that an event may join. */
  openFor({ group, tried }: Mark): Job | undefined {
    return tried === undefined ? this.groups.get(group)?.job : undefined;
  }

  add(job: Job, mark: Mark): void {
    job.marks.push(mark);
    if (job.marks.length >= this.size) this.complete(job);
  }

  complete(job: Job): void {
    const group = job.marks[0]?.group ?? '';
    if (this.groups.get(group)?.job !== job) return;
    this.groups.delete(group);
    this.onComplete(job);
  }

  completeOldest(): void {
    const [oldest] = this.groups.values();
    if (oldest !== undefined) this.complete(oldest.job);
  }

  /** A read of the queue has ended: what has waited long enough goes on. */
  age(): void {
    for (const open of [...this.groups.values()]) {
      open.age += 1;
      if (open.age >= OLDEST) this.complete(open.job);
    }
  }
}
