import type { Clock } from '../effects/clock';
import type { Random } from '../effects/random';
import { SageCrmError } from '../errors/sagecrm-error';
import { adoptEach, type Origin } from './adoption';
import { granted } from './granted';
import type { Urgency } from './lease';
import type { PollerStatus, PollReport, ResourceStatus } from './poller-status';
import type { ResourcePoller } from './resource-poller';
import { retryDelayMs } from './retry';
import { Slot } from './slot';

export interface PollerOptions {
  /**
   * Opens the state and whatever else a poll needs; called again after a failure.
   *
   * @param anew puts state that cannot be understood aside
   */
  open: (anew: boolean) => Promise<ResourcePoller[]>;
  /** Milliseconds between polls; 0 polls only on request. */
  intervalMs: number;
  clock: Clock;
  random: Random;
  onStatus: (status: PollerStatus) => void;
  onReport: (report: PollReport) => void;
  /** @param resource undefined when the node as a whole is concerned */
  onError: (error: SageCrmError, resource: string | undefined) => void;
}

/**
 * Polls the resources of one node, one after the other and never two at a time: at start, at the
 * interval, sooner after a passing failure, and on request.
 *
 * A resource that fails does not stop the others. A refused log-on stops them all until `resume`.
 */
export class Poller {
  private readonly closing = new AbortController();
  private timer = new AbortController();
  private slots: Slot[] | undefined;
  private openFailures = 0;
  private openError: SageCrmError | undefined;
  private refusal: SageCrmError | undefined;
  private isPaused = false;
  /** The end of the work asked for so far: everything runs behind it. */
  private tail: Promise<unknown> = Promise.resolve();
  private queued: Promise<void> | undefined;

  constructor(private readonly options: PollerOptions) {}

  /** Begins; the first poll is at once unless polls come on request only. */
  start(): void {
    if (this.options.intervalMs > 0) void this.request('start');
    else this.options.onStatus({ kind: 'idle', changes: 0 });
  }

  /** Ends what is under way and waits until it has ended. */
  async stop(): Promise<void> {
    this.closing.abort(new Error('the node was closed'));
    this.timer.abort();
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
    this.timer.abort();
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
        await this.acquired(slot);
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
          acquire: (slot) => this.acquired(slot),
          settle: (slot) => this.settled(slot),
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
    this.timer.abort();
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
    this.openError = known(error);
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
      changes += await this.pollOne(slot, began, urgency, show);
    }
    return changes;
  }

  private async pollOne(
    slot: Slot,
    began: number,
    urgency: Urgency,
    onProgress: (records: number) => void,
  ): Promise<number> {
    const { clock, random, onReport } = this.options;
    const from = clock.monotonic();
    try {
      const grant = await slot.poller.acquire(urgency);
      if (!grant.granted) {
        slot.leftToOthers(clock.monotonic(), grant.retryInMs);
        return 0;
      }
      onProgress(0);
      const outcome = await slot.poller.poll(this.closing.signal, onProgress);
      onReport(slot.succeeded(outcome, began, clock.monotonic() - from));
      if (outcome.problem !== undefined) this.options.onError(outcome.problem, slot.name);
      await this.settled(slot);
      return outcome.created + outcome.updated + (outcome.deleted ?? 0);
    } catch (error) {
      if (this.closing.signal.aborted) return 0;
      const now = clock.monotonic();
      const problem = known(error);
      if (problem.code === 'LEASE_LOST') {
        slot.leftToOthers(now, 0);
        return 0;
      }
      this.pollFailed(slot, problem, (reason) => slot.failed(reason, now, now - from, random));
      await this.settled(slot);
      return 0;
    }
  }

  private async settled(slot: Slot): Promise<void> {
    const { dueAt, lastError, blocked } = slot;
    const nextInMs = dueAt === undefined ? undefined : dueAt - this.options.clock.monotonic();
    const hasFailed = lastError !== undefined;
    await slot.poller.settle({ nextInMs, hasFailed, blockedBy: blocked?.code });
  }

  /** Waits for the right to change a resource, if another instance polls it at this moment. */
  private async acquired(slot: Slot): Promise<void> {
    const { clock } = this.options;
    const { signal } = this.closing;
    await granted(() => slot.poller.acquire('now'), { resource: slot.name, clock, signal });
  }

  private pollFailed(
    slot: Slot,
    error: SageCrmError,
    toReport: (error: SageCrmError) => PollReport,
  ): void {
    // A 401 concerns the log-on itself, a 403 only what this resource reads.
    if (error.code === 'LOGON_REFUSED' && error.details.statusCode === 401) this.refusal = error;
    this.options.onReport(toReport(error));
    this.options.onError(error, slot.name);
  }

  private showOutcome(slots: readonly Slot[], changes: number): void {
    if (this.closing.signal.aborted) return;
    const { onStatus } = this.options;
    if (this.refusal !== undefined) {
      onStatus({ kind: 'refused', error: this.refusal });
      return;
    }
    if (this.isPaused) {
      onStatus({ kind: 'paused' });
      return;
    }
    const failing = slots.find(({ lastError }) => lastError !== undefined);
    const waiting = slots.find(({ isWaiting }) => isWaiting);
    if (failing?.lastError !== undefined) {
      onStatus({ kind: 'failed', resource: failing.name, error: failing.lastError });
    } else if (waiting !== undefined) {
      onStatus({ kind: 'waiting', resource: waiting.name });
    } else if (slots.length > 0 && slots.every(({ isLeftToOthers }) => isLeftToOthers)) {
      onStatus({ kind: 'elsewhere' });
    } else {
      onStatus({ kind: 'idle', changes });
    }
  }

  /** Sets the timer for the resource that is due first. */
  private plan(began: number): void {
    if (this.closing.signal.aborted || this.paused || this.options.intervalMs === 0) return;
    const due = this.nextDue(began);
    if (due === undefined) return;
    const { clock } = this.options;
    this.timer = new AbortController();
    // Resources that could not be opened yet have no time of their own: then all are due.
    const isFirst = this.slots === undefined;
    const isDue = ({ dueAt }: Slot): boolean => isFirst || (dueAt !== undefined && dueAt <= due);
    const turn = (): Promise<void> => this.exclusively(() => this.cycle(isDue, 'due'));
    clock
      .sleep(Math.max(0, due - clock.monotonic()), this.timer.signal)
      .then(turn, () => undefined);
  }

  private nextDue(began: number): number | undefined {
    const { intervalMs, random } = this.options;
    if (this.slots === undefined) {
      const { openError } = this;
      if (openError === undefined || openError.code === 'STATE_CORRUPT') return undefined;
      return began + retryDelayMs(openError, this.openFailures, intervalMs, random);
    }
    const times = this.slots.flatMap(({ dueAt, blocked }) =>
      dueAt === undefined || blocked !== undefined ? [] : [dueAt],
    );
    return times.length === 0 ? undefined : Math.min(...times);
  }
}

function known(error: unknown): SageCrmError {
  if (error instanceof SageCrmError) return error;
  return new SageCrmError(
    'INTERNAL',
    `polling failed unexpectedly (${error instanceof Error ? error.message : String(error)})`,
    'polling goes on by itself; please report this with the log',
    { cause: error },
  );
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
