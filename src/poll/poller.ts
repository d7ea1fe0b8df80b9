import type { Clock } from '../effects/clock';
import type { SageCrmError } from '../errors/sagecrm-error';
import { adoptEach, type Origin } from './adoption';
import { firstDue, statusAfter } from './cycle';
import type { Urgency } from './lease';
import { Opening, type OpeningOptions } from './opening';
import type { PollerStatus, PollReport, ResourceStatus } from './poller-status';
import { chosen, replayAllOrNothing } from './replay-choice';
import type { Slot } from './slot';
import { Turns } from './turns';

export interface PollerOptions extends OpeningOptions {
  /** Whether others have to know of this instance before its first poll. */
  isShared?: boolean;
  clock: Clock;
  onStatus: (status: PollerStatus) => void;
  onReport: (report: PollReport) => void;
  /** @param resource undefined when the node as a whole is concerned */
  onError: (error: SageCrmError, resource: string | undefined) => void;
}

/** Between two tries to open state that is not polled by itself. */
const LONGEST_PAUSE_MS = 60_000;

/**
 * Polls the resources of one node, one after the other and never two at a time: at start, at the
 * interval, sooner after a passing failure, and on request.
 *
 * A resource that fails does not stop the others. A refused log-on stops them all until `resume`.
 */
export class Poller {
  private readonly closing = new AbortController();
  /** Calls the next planned cycle off. */
  private callOff: () => void = () => undefined;
  private readonly opening: Opening;
  private refusal: SageCrmError | undefined;
  private isPaused = false;
  /** The end of the work asked for so far: everything runs behind it. */
  private tail: Promise<unknown> = Promise.resolve();
  private queued: Promise<void> | undefined;
  private readonly turns: Turns;

  constructor(private readonly options: PollerOptions) {
    this.opening = new Opening(options);
    this.turns = new Turns({ ...options, signal: this.closing.signal });
  }

  /** Begins; the first poll is at once unless polls come on request only. */
  start(): void {
    const { intervalMs, isShared = false, onStatus } = this.options;
    if (intervalMs > 0) void this.request('start');
    else if (isShared) void this.attend();
    else onStatus({ kind: 'idle', changes: 0 });
  }

  /** Ends what is under way and waits until it has ended. */
  async stop(): Promise<void> {
    this.closing.abort(new Error('the node was closed'));
    this.callOff();
    await this.tail;
  }

  /**
   * Asks for a poll of every resource; resolves when it is over. Requests that come while one waits
   * its turn share it. While paused, nothing is polled.
   */
  pollNow(): Promise<void> {
    return this.request('now');
  }

  pause(): void {
    this.isPaused = true;
    this.callOff();
    this.options.onStatus({ kind: 'paused' });
  }

  /** Goes on after a pause or a refused log-on, with a poll at once. */
  resume(): Promise<void> {
    this.isPaused = false;
    this.refusal = undefined;
    for (const slot of this.opening.slots ?? []) {
      if (slot.blocked?.code === 'LOGON_REFUSED') slot.unblock();
    }
    return this.pollNow();
  }

  /**
   * Starts every resource, or those named, over from `since` (epoch milliseconds), then polls.
   *
   * @throws SageCrmError `INPUT_INVALID` for a resource that is not polled here, or when only some
   *   are named though the state of all is damaged
   */
  async replay(since: number, resources?: readonly string[]): Promise<void> {
    await this.exclusively(async () => {
      const { opening } = this;
      const anew = opening.slots === undefined && opening.error?.code === 'STATE_CORRUPT';
      if (anew && resources !== undefined) throw replayAllOrNothing();
      const slots = await opening.opened(anew);
      for (const slot of chosen(slots, resources)) {
        await this.turns.acquire(slot);
        await slot.poller.replay(since);
        await slot.poller.settle({ nextInMs: 0, hasFailed: false });
        slot.unblock();
      }
    });
    await this.pollNow();
  }

  /**
   * Puts state from elsewhere in the place of what is stored; see `adoptEach`. Nothing is polled
   * meanwhile.
   */
  adopt<Brought>(openOrigin: () => Promise<Origin<Brought>>): Promise<Brought[]> {
    return this.exclusively(async () => {
      const slots = await this.opening.opened(false);
      const origin = await openOrigin();
      try {
        return await adoptEach(slots, {
          origin,
          acquire: (slot) => this.turns.acquire(slot),
          settle: (slot) => this.turns.settle(slot),
        });
      } finally {
        await origin.close();
      }
    });
  }

  /** Goes on with what waited because the flow was full. */
  flowHasRoom(): Promise<void> {
    return this.exclusively(() => this.cycle(({ isWaiting }) => isWaiting, 'now'));
  }

  /** Lets the next comparison emit all deletions it finds, and polls. */
  confirmDeletes(): Promise<void> {
    for (const slot of this.opening.slots ?? []) slot.poller.confirmDeletes();
    return this.pollNow();
  }

  /** True while polls are off, by the user or because the log-on was refused. */
  get paused(): boolean {
    return this.isPaused || this.refusal !== undefined;
  }

  status(): ResourceStatus[] {
    const now = this.options.clock.monotonic();
    return (this.opening.slots ?? []).map((slot) => slot.status(now));
  }

  /** Opens the state, and does no more. */
  private async attend(): Promise<void> {
    await this.exclusively(() => this.cycle(() => false, 'start'));
    const pauseMs = this.opening.retryInMs(LONGEST_PAUSE_MS);
    if (pauseMs === undefined) return;
    await this.options.clock.sleep(pauseMs, this.closing.signal).then(
      () => this.attend(),
      () => undefined,
    );
  }

  private request(urgency: Urgency): Promise<void> {
    if (this.paused) return Promise.resolve();
    this.queued ??= this.exclusively(async () => {
      this.queued = undefined;
      await this.cycle(() => true, urgency);
    });
    return this.queued;
  }

  private exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.tail.then(work);
    this.tail = result.catch(() => undefined);
    return result;
  }

  /** Polls what `isWanted` picks, then plans the next cycle. */
  private async cycle(isWanted: (slot: Slot) => boolean, urgency: Urgency): Promise<void> {
    if (this.closing.signal.aborted || this.paused) return;
    this.callOff();
    const began = this.options.clock.monotonic();
    try {
      const slots = await this.opening.opened(false);
      const wanted = slots.filter((slot) => slot.blocked === undefined && isWanted(slot));
      const changes = await this.pollEach(wanted, began, urgency);
      this.showOutcome(slots, changes);
    } catch (error) {
      this.openFailed(error);
    }
    this.plan(began);
  }

  private openFailed(error: unknown): void {
    const problem = this.opening.failed(error);
    this.options.onError(problem, undefined);
    this.options.onStatus({ kind: 'failed', resource: undefined, error: problem });
  }

  private async pollEach(slots: readonly Slot[], began: number, urgency: Urgency): Promise<number> {
    let changes = 0;
    for (const [index, slot] of slots.entries()) {
      if (this.closing.signal.aborted || this.paused) break;
      const show = (records: number): void => {
        const position = index + 1;
        const count = slots.length;
        this.options.onStatus({ kind: 'polling', resource: slot.name, position, count, records });
      };
      const { changes: found, refusal } = await this.turns.poll(slot, began, urgency, show);
      changes += found;
      this.refusal ??= refusal;
    }
    return changes;
  }

  private showOutcome(slots: readonly Slot[], changes: number): void {
    if (this.closing.signal.aborted) return;
    const { refusal, isPaused } = this;
    this.options.onStatus(statusAfter({ slots, changes, refusal, isPaused }));
  }

  /** Sets the timer for the resource that is due first. */
  private plan(began: number): void {
    if (this.closing.signal.aborted || this.paused || this.options.intervalMs === 0) return;
    const due = this.nextDue(began);
    if (due === undefined) return;
    const { clock } = this.options;
    // Resources that could not be opened yet have no time of their own: then all are due.
    const isFirst = this.opening.slots === undefined;
    const isDue = ({ dueAt }: Slot): boolean => isFirst || (dueAt !== undefined && dueAt <= due);
    const turn = (): Promise<void> => this.exclusively(() => this.cycle(isDue, 'due'));
    this.callOff = clock.after(Math.max(0, due - clock.monotonic()), () => void turn());
  }

  /** On the monotonic clock; undefined: nothing is due by itself. */
  private nextDue(began: number): number | undefined {
    const { slots } = this.opening;
    if (slots !== undefined) return firstDue(slots);
    const retryInMs = this.opening.retryInMs(this.options.intervalMs);
    return retryInMs === undefined ? undefined : began + retryInMs;
  }
}
