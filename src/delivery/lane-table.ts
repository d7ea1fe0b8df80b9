import type { Job } from './job';

interface Lane {
  /** Undefined while the lane's next event is being looked up. */
  job: Job | undefined;
  /** The scan has passed an event of the lane that waits for its turn. */
  skipped: boolean;
}

/** Which lanes are held, by which job, and whether more waits in them. */
export class LaneTable {
  private readonly lanes = new Map<string, Lane>();

  get size(): number {
    return this.lanes.size;
  }

  isFree(lane: string): boolean {
    return !this.lanes.has(lane);
  }

  /** True when the lane's next event may join the job that holds the lane. */
  mayFollow(lane: string, job: Job): boolean {
    const held = this.lanes.get(lane);
    return held === undefined || (held.job === job && !held.skipped);
  }

  hold(lane: string, job: Job): void {
    const held = this.lanes.get(lane);
    if (held === undefined) this.lanes.set(lane, { job, skipped: false });
    else held.job = job;
  }

  skip(lane: string): void {
    const held = this.lanes.get(lane);
    if (held !== undefined) held.skipped = true;
  }

  /** Gives up the lanes of a job; returns those whose next event must be looked up. */
  release(job: Job): string[] {
    const lanes = [...new Set(job.marks.map(({ lane }) => lane))];
    return lanes.filter((lane) => {
      const held = this.lanes.get(lane);
      if (held?.skipped === true) {
        held.job = undefined;
        return true;
      }
      this.lanes.delete(lane);
      return false;
    });
  }

  /** A look-up begins: what is skipped from now on is news. */
  beginLookUp(lane: string): void {
    const held = this.lanes.get(lane);
    if (held !== undefined) held.skipped = false;
  }

  /** A look-up found nothing; false when another one is needed, since something was skipped. */
  endEmpty(lane: string): boolean {
    if (this.lanes.get(lane)?.skipped === true) return false;
    this.lanes.delete(lane);
    return true;
  }
}
