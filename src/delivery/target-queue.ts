import type { Clock } from '../effects/clock';
import type { Random } from '../effects/random';
import { Timers } from '../effects/timers';
import type { Mark, OutboxStore } from '../store/outbox-store';
import { Assembly } from './assembly';
import { jittered } from './back-off';
import { Breaker } from './breaker';
import { jobOf, seqsOf, waitLeft, type Job } from './job';
import { LaneTable } from './lane-table';

/** So many events of a target are looked at in one read. */
const SCAN_STEP = 128;
/** So many jobs are kept at hand, so that a free slot need not wait for the disk. */
const AT_HAND = 64;

/** What the queues of all targets share. */
export interface QueueContext {
  store: OutboxStore;
  clock: Clock;
  random: Random;
  /** How many events are put into one webhook. */
  batchSize: number;
  /** How many events a webhook of an earlier run may have. */
  maxEvents: number;
  /** How long a webhook waits for more events. */
  flushMs: number;
  /** The wait before the first try. */
  firstWaitMs: number;
  /** Whether one more job of a queue that has `jobs` fits into memory. */
  hasRoom(jobs: number): boolean;
  /** The queue may have something to send. */
  wake(queue: TargetQueue): void;
  /** Runs a read of the store to its end, whatever the disk does for a while. */
  background(run: () => Promise<void>): void;
}

/**
 * The waiting events of one target, as jobs whose turn has come.
 *
 * One scan goes through the events in the order of taking. An event whose lane is held is passed
 * over; it is found through the lane once that is free. Only jobs are in memory, never messages.
 */
export class TargetQueue {
  readonly breaker: Breaker;
  /** The target has answered that it wants nothing any more. */
  isGone = false;
  /** How many of its jobs are being sent, or have an outcome that is not stored yet. */
  underWay = 0;
  private readonly lanes = new LaneTable();
  private readonly jobs = new Set<Job>();
  private readonly due = new Set<Job>();
  private readonly ready = new Set<Job>();
  private readonly timers: Timers;
  private readonly assembly: Assembly;
  /** Events of sealed jobs that the scan has not passed yet. */
  private readonly restored = new Set<number>();
  private cursor = 0;
  private lookUps = 0;
  private isScanning = false;
  private isAtEnd = false;
  private isRestored = false;
  private isClosed = false;

  constructor(
    readonly target: string,
    private readonly context: QueueContext,
  ) {
    this.breaker = new Breaker(context.clock, context.random);
    this.timers = new Timers(context.clock);
    this.assembly = new Assembly(context.batchSize, (job) => {
      this.makeReady(job);
    });
  }

  get size(): number {
    return this.jobs.size;
  }

  /** Nothing waits, as far as the scan knows. */
  get isEmpty(): boolean {
    return (
      this.isRestored &&
      this.isAtEnd &&
      !this.isScanning &&
      this.lookUps === 0 &&
      this.jobs.size === 0
    );
  }

  /** Takes up the webhooks that an earlier run has put together. */
  async restore(): Promise<void> {
    const { store, maxEvents } = this.context;
    const found = await store.sealed(this.target);
    for (const { marks } of found.filter(({ marks }) => marks.length > maxEvents)) {
      await store.unseal(this.target, seqsOf({ marks }));
    }
    for (const { marks, sealedAt, tried } of found) {
      if (marks.length > maxEvents) continue;
      for (const { seq } of marks) this.restored.add(seq);
      this.adopt(jobOf(marks, tried, sealedAt));
    }
    this.isRestored = true;
    this.context.wake(this);
  }

  /** More events have been taken. */
  arrived(): void {
    this.isAtEnd = false;
    this.context.wake(this);
  }

  /** The next job that may be sent now; the caller tells what becomes of it. */
  next(): Job | undefined {
    if (!this.isRestored || this.isClosed || this.isGone) return undefined;
    if (!this.breaker.admits) {
      this.wakeAfter(this.breaker, this.breaker.pauseMs);
      return undefined;
    }
    if (this.ready.size < AT_HAND) this.scan();
    const job = first(this.due) ?? first(this.ready) ?? this.idleJob();
    if (job === undefined) return undefined;
    this.due.delete(job);
    this.ready.delete(job);
    return job;
  }

  /** Puts a job back that was not tried. */
  giveBack(job: Job): void {
    this.due.add(job);
  }

  /** The job waits for its next try. */
  park(job: Job, waitMs: number): void {
    this.timers.set(job, waitMs, () => {
      this.due.add(job);
      this.context.wake(this);
    });
  }

  /** The job is no more, but its events are: each has its turn anew. */
  takeApart(job: Job): void {
    for (const { seq, lane } of job.marks) {
      // What the scan has not passed yet, it will find.
      this.restored.delete(seq);
      this.lanes.skip(lane);
    }
    this.release(job);
  }

  /** The job is over: the next events of its lanes have their turn. */
  release(job: Job): void {
    this.jobs.delete(job);
    for (const lane of this.lanes.release(job)) this.lookUp(lane);
    this.context.wake(this);
  }

  close(): void {
    this.isClosed = true;
    this.timers.close();
  }

  private scan(): void {
    if (this.isScanning || this.isAtEnd || !this.context.hasRoom(this.jobs.size)) return;
    this.isScanning = true;
    this.context.background(async () => {
      // Set before the read: what is taken meanwhile may be missing in it.
      this.isAtEnd = true;
      const marks = await this.context.store.scan(this.target, this.cursor, SCAN_STEP);
      if (marks.length === SCAN_STEP) this.isAtEnd = false;
      this.isScanning = false;
      for (const mark of marks) {
        this.cursor = mark.seq;
        if (!this.restored.delete(mark.seq)) this.place(mark);
      }
      if (this.context.flushMs === 0) this.assembly.age();
      this.context.wake(this);
    });
  }

  /** Looks for the next event of a lane among those that the scan has passed. */
  private lookUp(lane: string): void {
    this.lookUps += 1;
    this.context.background(async () => {
      const { store, batchSize } = this.context;
      let marks: Mark[];
      do {
        this.lanes.beginLookUp(lane);
        marks = await store.lane(lane, this.cursor, batchSize + 1);
      } while (marks.length === 0 && !this.lanes.endEmpty(lane));
      this.lookUps -= 1;
      marks.forEach((mark, index) => {
        if (index === 0) this.begin(mark);
        else this.place(mark);
      });
      this.context.wake(this);
    });
  }

  private place(mark: Mark): void {
    if (this.lanes.isFree(mark.lane)) {
      this.begin(mark);
      return;
    }
    const open = this.assembly.openFor(mark);
    if (open !== undefined && this.lanes.mayFollow(mark.lane, open)) this.assembly.add(open, mark);
    else this.lanes.skip(mark.lane);
  }

  /** Starts or joins a job with an event that is the first of its lane. */
  private begin(mark: Mark): void {
    if (mark.tried !== undefined) {
      this.adopt(jobOf([mark], mark.tried));
      return;
    }
    const open = this.assembly.openFor(mark);
    const job = open ?? jobOf([mark], undefined);
    this.lanes.hold(mark.lane, job);
    this.jobs.add(job);
    if (open !== undefined) {
      this.assembly.add(open, mark);
    } else if (this.assembly.open(job, mark.group) && this.context.flushMs > 0) {
      this.timers.set(job, this.context.flushMs, () => {
        this.assembly.complete(job);
        this.context.wake(this);
      });
    }
  }

  /** Takes up a job that was tried or sealed before. */
  private adopt(job: Job): void {
    this.jobs.add(job);
    for (const { lane } of job.marks) this.lanes.hold(lane, job);
    const waitMs = waitLeft(job, this.context.clock.now());
    if (waitMs > 0) this.park(job, waitMs);
    else this.ready.add(job);
  }

  /** A new job has all its events. */
  private makeReady(job: Job): void {
    this.timers.callOff(job);
    const { firstWaitMs, random } = this.context;
    if (firstWaitMs > 0) this.park(job, jittered(firstWaitMs, random));
    else this.ready.add(job);
  }

  /** With nothing else to send, a webhook that could take more events goes as it is. */
  private idleJob(): Job | undefined {
    if (this.context.flushMs > 0 || this.isScanning || this.lookUps > 0) return undefined;
    this.assembly.completeOldest();
    return first(this.ready);
  }

  private wakeAfter(key: object, ms: number): void {
    if (ms === 0 || this.timers.has(key)) return;
    this.timers.set(key, ms, () => {
      this.context.wake(this);
    });
  }
}

function first(jobs: ReadonlySet<Job>): Job | undefined {
  const [job] = jobs;
  return job;
}
