import type { Clock } from '../effects/clock';
import type { Random } from '../effects/random';
import { SageCrmError } from '../errors/sagecrm-error';
import { adoptEach, type Origin } from './adoption';
import { firstDue, statusAfter } from './cycle';
import type { Urgency } from './lease';
import { pollProblem } from './poll-problem';
import type { PollerStatus, PollReport, ResourceStatus } from './poller-status';
import type { ResourcePoller } from './resource-poller';
import { retryDelayMs } from './retry';
import { Slot } from './slot';
import { Turns } from './turns';

export interface PollerOptions {
  /**
   * Opens the state and whatever else a poll needs; called again after a failure.
   *
   * @param anew puts state that cannot be understood aside
   */
  open: (anew: boolean) => Promise<ResourcePoller[]>;
  /** Milliseconds between polls; 0 polls only on request. */
  intervalMs: number;
  /** Whether others have to know of this instance before its first poll. */
  isShared?: boolean;
  clock: Clock;
  random: Random;
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
  private slots: Slot[] | undefined;
  private openFailures = 0;
  private openError: SageCrmError | undefined;
  private refusal: SageCrmError | undefined;
  private isPaused = false;
  /** The end of the work asked for so far: everything runs behind it. */
  private tail: Promise<unknown> = Promise.resolve();
  private queued: Promise<void> | undefined;
  private readonly turns: Turns;

  constructor(private readonly options: PollerOptions) {
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
    for (const slot of this.slots ?? []) {
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
      const anew = this.slots === undefined && this.openError?.code === 'STATE_CORRUPT';
      if (anew && resources !== undefined) throw replayAllOrNothing();
      const slots = await this.opened(anew);
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
      const slots = await this.opened(false);
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
    for (const slot of this.slots ?? []) slot.poller.confirmDeletes();
    return this.pollNow();
  }

  /** True while polls are off, by the user or because the log-on was refused. */
  get paused(): boolean {
    return this.isPaused || this.refusal !== undefined;
  }

  status(): ResourceStatus[] {
    const now = this.options.clock.monotonic();
    return (this.slots ?? []).map((slot) => slot.status(now));
  }

  /** Opens the state, and does no more. */
  private async attend(): Promise<void> {
    await this.exclusively(() => this.cycle(() => false, 'start'));
    const { openError, openFailures, closing, options } = this;
    if (this.slots !== undefined || openError === undefined) return;
    const pauseMs = retryDelayMs(openError, openFailures, LONGEST_PAUSE_MS, options.random);
    await options.clock.sleep(pauseMs, closing.signal).then(
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
      const slots = await this.opened(false);
      const wanted = slots.filter((slot) => slot.blocked === undefined && isWanted(slot));
      const changes = await this.pollEach(wanted, began, urgency);
      this.showOutcome(slots, changes);
    } catch (error) {
      this.openFailed(error);
    }
    this.plan(began);
  }

  private async opened(anew: boolean): Promise<Slot[]> {
    if (this.slots !== undefined) return this.slots;
    const pollers = await this.options.open(anew);
    this.openFailures = 0;
    this.openError = undefined;
    this.slots = pollers.map((poller) => new Slot(poller, this.options.intervalMs));
    return this.slots;
  }

  private openFailed(error: unknown): void {
    this.openFailures += 1;
    this.openError = pollProblem(error);
    this.options.onError(this.openError, undefined);
    this.options.onStatus({ kind: 'failed', resource: undefined, error: this.openError });
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
    const isFirst = this.slots === undefined;
    const isDue = ({ dueAt }: Slot): boolean => isFirst || (dueAt !== undefined && dueAt <= due);
    const turn = (): Promise<void> => this.exclusively(() => this.cycle(isDue, 'due'));
    this.callOff = clock.after(Math.max(0, due - clock.monotonic()), () => void turn());
  }

  /** On the monotonic clock; undefined: nothing is due by itself. */
  private nextDue(began: number): number | undefined {
    if (this.slots !== undefined) return firstDue(this.slots);
    const { intervalMs, random } = this.options;
    const { openError } = this;
    if (openError === undefined || openError.code === 'STATE_CORRUPT') return undefined;
    return began + retryDelayMs(openError, this.openFailures, intervalMs, random);
  }
}

/** The others would begin by their start setting, which may be "now": a silent gap. */
function replayAllOrNothing(): SageCrmError {
  return new SageCrmError(
    'INPUT_INVALID',
    'the state of every resource is damaged, so none can be replayed alone',
    'send the replay without naming resources',
  );
}

function chosen(slots: readonly Slot[], resources: readonly string[] | undefined): Slot[] {
  if (resources === undefined) return [...slots];
  return resources.map((name) => {
    const slot = slots.find((candidate) => candidate.name === name);
    if (slot !== undefined) return slot;
    throw new SageCrmError(
      'INPUT_INVALID',
      `${name} is not polled by this node`,
      `name one of: ${slots.map((known) => known.name).join(', ')}`,
    );
  });
}
