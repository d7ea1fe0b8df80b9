import type { Zone } from 'luxon';
import type { Resource } from '../config/resources';
import type { Clock } from '../effects/clock';
import { SageCrmError } from '../errors/sagecrm-error';
import { createFieldReader } from '../event/record-fields';
import type { Query, Source } from '../sagecrm/source';
import type { Change, PollStore, ResourceState } from '../store/poll-store';
import { compileUrlTemplate, type UrlTemplate } from '../template/url-template';
import { Audit, isLate, lateCommits } from './audit';
import { createRecordReader, type Candidate, type RecordReader } from './candidate';
import { ChangeDetector } from './change-detector';
import { isWanted } from './changes';
import { ColumnCheck } from './column-check';
import type { Commit } from './commit/commit';
import { drainJournal } from './commit/drain';
import { Pass } from './pass';
import { outcomeOf, type PollOutcome, type PollRun } from './poll-run';
import { Reconciler } from './reconciler';
import {
  advanced,
  initialState,
  lookBackMs,
  stateFromNow,
  windowStart,
  type Start,
} from './window';

export interface ResourcePollerOptions {
  resource: Resource;
  start: Start;
  overlapSeconds: number;
  /** How far an occasional poll looks back for late commits, in milliseconds; 0: never. */
  auditWindowMs: number;
  serverZone: Zone;
  instanceName: string;
  tags: readonly string[];
  source: Source;
  store: PollStore;
  clock: Clock;
  /** On `clock.monotonic`: when the node started, for a start from now. */
  startedAt: number;
  /** Hands journaled events to the flow. */
  commit: Commit;
  /** Told of what does not stop polling but needs the user's eye. */
  warn: (problem: SageCrmError) => void;
}

const COUNTER = { CREATED: 'created', UPDATED: 'updated', DELETED: 'deleted' } as const;

/** Passes over one window before its remaining doubts are left to the next poll. */
const MOST_PASSES = 3;
/** Failed polls in a row after which events of incomplete passes are held back no longer. */
const PATIENCE = 3;

/**
 * Polls one resource: reads a window of records, finds the changes, writes them to the journal
 * together with the cursor, and only then hands them to the flow.
 *
 * Nothing is emitted before the window has been read to its end, so that messages come in the order
 * of their dates. The cursor, too, moves only then: whatever fails before, the next poll reads the
 * same window again, and what was taken over already is not added twice. While the flow holds as many events as it may,
 * nothing is read.
 */
export class ResourcePoller {
  private readonly template: UrlTemplate;
  private readonly reader: RecordReader;
  private readonly lookBack: number;
  private readonly audit: Audit;
  private failures = 0;
  /** False when all that the journal holds is known to be with the flow. */
  private mayHaveUnsent = true;
  private prunedUpTo: number | undefined;
  private readonly columns: ColumnCheck;
  private begunAt: number | undefined;
  private readonly reconciler: Reconciler | undefined;

  constructor(private readonly options: ResourcePollerOptions) {
    const { resource, serverZone, overlapSeconds, auditWindowMs } = options;
    this.template = compileUrlTemplate(resource.url, serverZone);
    this.reader = createRecordReader(resource, serverZone);
    this.columns = new ColumnCheck(resource, this.reader, options.warn);
    this.lookBack = lookBackMs(overlapSeconds, resource.pollDelay);
    this.audit = new Audit(auditWindowMs);
    if (resource.deletes === 'reconcile') {
      this.reconciler = new Reconciler({ ...options, id: createFieldReader(resource.idField) });
    }
  }

  get resource(): Resource {
    return this.options.resource;
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
      await this.noteFailure(run);
      throw error;
    } finally {
      if (run.late > 0) this.options.warn(lateCommits(this.resource, run.late, this.lookBack));
    }
    this.failures = 0;
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

  private async storedState(): Promise<ResourceState | undefined> {
    const { store, resource, start, clock, startedAt } = this.options;
    const stored = await store.readState(resource.key);
    if (stored === undefined && start.from === 'now') {
      const started = clock.now() - (clock.monotonic() - startedAt);
      this.begunAt = await store.startedAt(resource.key, started);
    }
    return stored;
  }

  private async takeOver(run: PollRun, stored: ResourceState | undefined): Promise<void> {
    if (stored?.phase === 'emitting' && !(await this.drain(run))) return;
    const state = await this.readWindow(run);
    if (!(await this.drain(run))) return;
    await this.prune(state);
    await this.reconcile(run, state);
  }

  /** Reads passes until one can be trusted, and writes the outcome. */
  private async readWindow(run: PollRun): Promise<ResourceState> {
    for (let count = 1; ; count += 1) {
      const { pass, state } = await this.readPass(run, count > 1);
      if (pass.isComplete()) return this.commit(run, this.after(run, pass, state));
      if (count >= MOST_PASSES) return this.commit(run, { ...state, phase: 'emitting' });
      // The next pass must find as seen what this one found on its last page.
      if (run.waiting.length > 0) await this.append(run, { ...state, phase: 'reading' });
    }
  }

  private after(run: PollRun, pass: Pass, state: ResourceState): ResourceState {
    const next = advanced(state, pass.greatestDate, this.audit.retention(this.lookBack));
    const wasAudit = run.lookBack > this.lookBack || state.auditedAt === null;
    return wasAudit ? { ...next, auditedAt: this.options.clock.now() } : next;
  }

  private async readPass(
    run: PollRun,
    isRepeat: boolean,
  ): Promise<{ pass: Pass; state: ResourceState }> {
    const { source, clock } = this.options;
    let pass: Pass | undefined;
    for await (const page of source.pages(this.query(run), run.signal)) {
      const now = page.serverTime ?? clock.now();
      const began = (run.began ??= now);
      pass ??= new Pass(began, isRepeat);
      const state = (run.state ??= this.startFromNow(now));
      const candidates = page.rows.map((record) => this.reader.read(record));
      this.columns.check(page, candidates);
      pass.notePage(page, candidates, now);
      await this.journalPage(run, state, pass, candidates);
      // The last page waits for the cursor, so that both go to disk in one write.
      if (page.more && run.waiting.length > 0) {
        await this.append(run, { ...state, phase: 'reading' });
      }
    }
    run.state ??= this.startFromNow(clock.now());
    return { pass: pass ?? new Pass(clock.now(), isRepeat), state: run.state };
  }

  private async journalPage(
    run: PollRun,
    state: ResourceState,
    pass: Pass,
    candidates: readonly Candidate[],
  ): Promise<void> {
    const { resource } = this.options;
    const bounds = {
      from: windowStart(state, run.lookBack),
      floor: state.floor,
      pollBegan: run.began ?? 0,
    };
    const wanted = candidates.filter((candidate) => isWanted(candidate, resource, bounds));
    const changes = await run.detector.detect(wanted);
    pass.noteNew(changes);
    run.waiting.push(...changes);
    this.countLate(run, state, changes);
    run.pages += 1;
    run.records += candidates.length;
    run.onProgress(run.records);
  }

  /** Only an audit shows them: an ordinary poll begins where being late begins. */
  private countLate(run: PollRun, state: ResourceState, changes: readonly Change[]): void {
    if (run.lookBack === this.lookBack) return;
    const ordinaryFrom = windowStart(state, this.lookBack);
    run.late += changes.filter((change) => isLate(change, ordinaryFrom)).length;
  }

  /** Writes what is new; when nothing is, the disk is left alone. */
  private async commit(run: PollRun, next: ResourceState): Promise<ResourceState> {
    if (run.waiting.length > 0 || !isSameState(next, run.written)) await this.append(run, next);
    run.state = next;
    run.cursor = next.cursor;
    return next;
  }

  private async append(run: PollRun, state: ResourceState): Promise<void> {
    this.mayHaveUnsent ||= run.waiting.length > 0;
    const memory = run.detector.memoryOf(run.waiting);
    await this.options.store.append(this.options.resource.key, run.waiting, state, memory);
    run.waiting = [];
    run.written = state;
  }

  /** Deletions come on top: when they cannot be told, the changes were taken over all the same. */
  private async reconcile(run: PollRun, state: ResourceState): Promise<void> {
    if (this.reconciler === undefined) return;
    try {
      const { url } = this.query(run);
      const { deletions } = await this.reconciler.run(url, state, run.signal);
      if (deletions === 0) return;
    } catch (error) {
      if (!(error instanceof SageCrmError) || run.signal.aborted) throw error;
      run.problem = error;
      return;
    }
    this.mayHaveUnsent = true;
    await this.drain(run);
  }

  /** @returns false when events have to wait until the flow has room */
  private async drain(run: PollRun): Promise<boolean> {
    if (!this.mayHaveUnsent) return true;
    const { store, commit, resource } = this.options;
    const isDrained = await drainJournal(
      { store, commit, resource: resource.key },
      run.signal,
      (type) => {
        run[COUNTER[type]] += 1;
      },
    );
    this.mayHaveUnsent = !isDrained;
    run.isWaiting = !isDrained;
    return isDrained;
  }

  /** Forgets what no window can show again, once a whole look-back has passed since the last time. */
  private async prune({ seenFrom: from }: ResourceState): Promise<void> {
    if (from === null) return;
    if (this.prunedUpTo !== undefined && from < this.prunedUpTo + this.lookBack) return;
    await this.options.store.pruneSeen(this.options.resource.key, from);
    this.prunedUpTo = from;
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
      await this.append(run, { ...state, phase: 'emitting' });
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
    const pollDate = Math.floor(clock.now() / 1000) * 1000;
    const context = { resource, instanceName, tags, pollDate };
    const state = stored ?? (start.from === 'now' ? undefined : initialState(start));
    const isAudit = state !== undefined && this.audit.isDue(state, clock.now());
    return {
      created: 0,
      updated: 0,
      deleted: 0,
      late: 0,
      pages: 0,
      records: 0,
      cursor: stored?.cursor ?? null,
      isWaiting: false,
      problem: undefined,
      state,
      written: stored,
      lookBack: isAudit ? this.audit.retention(this.lookBack) : this.lookBack,
      began: undefined,
      detector: new ChangeDetector(store, context),
      waiting: [],
      onProgress,
      signal,
    };
  }

  /** The one question of a poll; while the server's time is unknown, this machine's has to do. */
  private query(run: PollRun): Query {
    const { resource, clock } = this.options;
    const now = run.began ?? clock.now();
    const from =
      run.state === undefined
        ? now - this.sinceStart() - this.lookBack
        : (windowStart(run.state, run.lookBack) ?? 0);
    return {
      resource: resource.key,
      url: this.template.render({ from, now }),
      pageSize: resource.pageSize,
      updatedField: resource.updated.field,
    };
  }

  private startFromNow(serverTime: number): ResourceState {
    return stateFromNow(serverTime, this.sinceStart());
  }

  /** Milliseconds since a start from now; an earlier run may have begun it and not got through. */
  private sinceStart(): number {
    const { clock, startedAt } = this.options;
    const sinceBegun = clock.now() - (this.begunAt ?? clock.now());
    return Math.max(clock.monotonic() - startedAt, sinceBegun);
  }
}

function isSameState(one: ResourceState, other: ResourceState | undefined): boolean {
  return (
    one.cursor === other?.cursor &&
    one.floor === other.floor &&
    one.seenFrom === other.seenFrom &&
    one.auditedAt === other.auditedAt &&
    one.phase === other.phase
  );
}
