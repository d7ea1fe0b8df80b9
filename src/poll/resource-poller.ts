import type { Resource } from '../config/resources';
import type { Clock } from '../effects/clock';
import { SageCrmError } from '../errors/sagecrm-error';
import { createFieldReader } from '../event/record-fields';
import type { Source } from '../sagecrm/source';
import type { PollStore, ResourceState } from '../store/poll-store';
import { Audit, lateCommits } from './audit';
import { ChangeDetector } from './change-detector';
import { pollDateAt } from './changes';
import type { Commit } from './commit/commit';
import { drainJournal } from './commit/drain';
import { SOLE_LEASE, type Grant, type PollLease, type Settlement, type Urgency } from './lease';
import { beginRun, outcomeOf, type PollOutcome, type PollRun } from './poll-run';
import { Pruning } from './pruning';
import type { Reading } from './readings';
import { Reconciler } from './reconciler';
import { StartInstant } from './start-instant';
import { initialState, lookBackMs, type Start } from './window';
import { WindowReader } from './window-reader';

export interface ResourcePollerOptions {
  resource: Resource;
  reading: Reading;
  start: Start;
  overlapSeconds: number;
  /** How far an occasional poll looks back for late commits, in milliseconds; 0: never. */
  auditWindowMs: number;
  instanceName: string;
  tags: readonly string[];
  source: Source;
  store: PollStore;
  clock: Clock;
  /** On `clock.monotonic`: when the node started, for a start from now. */
  startedAt: number;
  /** Hands journaled events to the flow. */
  commit: Commit;
  /** Where several instances share the state; absent: it is this one's alone. */
  lease?: PollLease;
  /** Told of what does not stop polling but needs the user's eye. */
  warn: (problem: SageCrmError) => void;
}

const COUNTER = { CREATED: 'created', UPDATED: 'updated', DELETED: 'deleted' } as const;

/** Failed polls in a row after which events of incomplete passes are held back no longer. */
const PATIENCE = 3;

/**
 * Polls one resource: reads a window of records, finds the changes, writes them to the journal
 * together with the cursor, and only then hands them to the flow.
 *
 * Nothing is emitted before the window has been read to its end, so that messages come in the order
 * of their dates. The cursor, too, moves only then: whatever fails before, the next poll reads the
 * same window again, and what was taken over already is not added twice. While the flow holds as many
 * events as it may, nothing is read.
 */
export class ResourcePoller {
  private readonly window: WindowReader;
  private readonly lookBack: number;
  private readonly audit: Audit;
  private failures = 0;
  /** False until the first poll: before it nothing is known that could be out of date. */
  private hasPolled = false;
  /** False when all that the journal holds is known to be with the flow. */
  private mayHaveUnsent = true;
  private readonly pruning: Pruning;
  private readonly startInstant: StartInstant;
  private readonly reconciler: Reconciler | undefined;
  private readonly lease: PollLease;

  constructor(private readonly options: ResourcePollerOptions) {
    const { resource, overlapSeconds, auditWindowMs, store, clock, startedAt } = options;
    this.lease = options.lease ?? SOLE_LEASE;
    this.lookBack = lookBackMs(overlapSeconds, resource.pollDelay);
    this.audit = new Audit(auditWindowMs);
    this.pruning = new Pruning(store, resource.key, this.audit.retention(this.lookBack));
    this.startInstant = new StartInstant({ clock, store, resource: resource.key, startedAt });
    this.window = new WindowReader(options, {
      audit: this.audit,
      lookBack: this.lookBack,
      sinceStart: () => this.startInstant.elapsed(),
    });
    if (resource.deletes === 'reconcile') {
      this.reconciler = new Reconciler({ ...options, id: createFieldReader(resource.idField) });
    }
  }

  get resource(): Resource {
    return this.options.resource;
  }

  /**
   * Asks for the right to poll, before each poll and replay.
   *
   * @throws SageCrmError `REDIS_UNAVAILABLE`
   */
  async acquire(urgency: Urgency): Promise<Grant> {
    const grant = await this.lease.acquire(urgency);
    if (!grant.granted) return grant;
    // What another instance has done meanwhile is not known here.
    if (this.hasPolled && !grant.isContinued) this.forget();
    this.hasPolled = true;
    return grant;
  }

  /** Lets others know that the poll is over. When that fails, the lease runs out by itself. */
  async settle(settlement: Settlement): Promise<void> {
    await this.lease.settle(settlement).catch(() => undefined);
  }

  /**
   * One poll, to the last message the flow may take.
   *
   * @param onProgress told of the records received so far, after every page
   * @throws SageCrmError and leaves the cursor where it was
   */
  async poll(signal: AbortSignal, onProgress: (records: number) => void): Promise<PollOutcome> {
    const stored = await this.storedState();
    const run = this.newRun(stored, signal, onProgress);
    try {
      await this.takeOver(run, stored);
    } catch (error) {
      if (isLeaseLost(error)) this.forget();
      else await this.noteFailure(run);
      throw error;
    } finally {
      this.mayHaveUnsent = run.hasUnsent;
      if (run.late > 0) this.options.warn(lateCommits(this.resource, run.late, this.lookBack));
    }
    this.failures = 0;
    await this.options.store.rest();
    return outcomeOf(run, this.reconciler !== undefined);
  }

  /** Lets the next poll emit as many deletions as it finds. */
  confirmDeletes(): void {
    this.reconciler?.confirm();
  }

  /** Forgets what was seen and starts over from `since`, epoch milliseconds. */
  async replay(since: number): Promise<void> {
    const { store, commit, resource } = this.options;
    await store.restart(resource.key, initialState({ from: 'date', at: since }));
    commit.forget(resource.key);
    this.mayHaveUnsent = true;
  }

  /**
   * Puts other state in the place of what is stored, and goes on from there.
   *
   * @param bring does it; undefined: there was nothing to bring
   */
  async adopt<Brought>(bring: () => Promise<Brought | undefined>): Promise<Brought | undefined> {
    const brought = await bring();
    if (brought !== undefined) this.forget();
    return brought;
  }

  /** Begins as after a start: with what the store holds, and nothing known of the flow. */
  private forget(): void {
    this.options.commit.forget(this.resource.key);
    this.failures = 0;
    this.mayHaveUnsent = true;
    this.pruning.forget();
  }

  private async storedState(): Promise<ResourceState | undefined> {
    const { store, resource, start } = this.options;
    const stored = await store.readState(resource.key);
    if (stored === undefined && start.from === 'now') await this.startInstant.recall();
    return stored;
  }

  private async takeOver(run: PollRun, stored: ResourceState | undefined): Promise<void> {
    if (stored?.phase === 'emitting') {
      if (!(await this.drain(run))) return;
      await this.pruning.after(stored);
    }
    const state = await this.window.read(run);
    if (!(await this.drain(run))) return;
    await this.pruning.after(state);
    await this.reconcile(run, state);
  }

  /** Deletions come on top: when they cannot be told, the changes were taken over all the same. */
  private async reconcile(run: PollRun, state: ResourceState): Promise<void> {
    if (this.reconciler === undefined) return;
    try {
      const { url } = this.window.query(run);
      const { deletions } = await this.reconciler.run(url, state, run.signal);
      if (deletions === 0) return;
    } catch (error) {
      if (!(error instanceof SageCrmError) || run.signal.aborted || isLeaseLost(error)) throw error;
      run.problem = error;
      return;
    }
    run.hasUnsent = true;
    await this.drain(run);
  }

  /** @returns false when events have to wait until the flow has room */
  private async drain(run: PollRun): Promise<boolean> {
    if (!run.hasUnsent) return true;
    const { store, commit, resource } = this.options;
    const isDrained = await drainJournal(
      { store, commit, lease: this.lease, resource: resource.key },
      run.signal,
      (type) => {
        run[COUNTER[type]] += 1;
      },
    );
    run.hasUnsent = !isDrained;
    run.isWaiting = !isDrained;
    return isDrained;
  }

  /**
   * A server that always fails on some page must not hold back what the other pages brought: after
   * a few polls those events go out, at the price of their order.
   */
  private async noteFailure(run: PollRun): Promise<void> {
    if (run.signal.aborted) return;
    this.failures += 1;
    const { state } = run;
    if (this.failures < PATIENCE || state === undefined) return;
    try {
      await this.window.append(run, { ...state, phase: 'emitting' });
      await this.drain(run);
    } catch {
      // The failure that brought us here is the one to report; the journal keeps the events.
    }
  }

  private newRun(
    stored: ResourceState | undefined,
    signal: AbortSignal,
    onProgress: (records: number) => void,
  ): PollRun {
    const { start, store, resource, instanceName, tags, clock } = this.options;
    const context = { resource, instanceName, tags, pollDate: pollDateAt(clock.now()) };
    const state = stored ?? (start.from === 'now' ? undefined : initialState(start));
    const isAudit = state !== undefined && this.audit.isDue(state, clock.now());
    return beginRun({
      stored,
      state,
      lookBack: isAudit ? this.audit.retention(this.lookBack) : this.lookBack,
      hasUnsent: this.mayHaveUnsent,
      detector: new ChangeDetector(store, context),
      onProgress,
      signal,
    });
  }
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof SageCrmError && error.code === 'LEASE_LOST';
}
