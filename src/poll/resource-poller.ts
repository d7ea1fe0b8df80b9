import type { Zone } from 'luxon';
import type { Resource } from '../config/resources';
import type { Clock } from '../effects/clock';
import { SageCrmError } from '../errors/sagecrm-error';
import type { EventMessage } from '../event/event';
import { createFieldReader } from '../event/record-fields';
import type { Page, Query, Source } from '../sagecrm/source';
import type { JournalEntry, PollStore, ResourceState } from '../store/poll-store';
import { compileUrlTemplate, type UrlTemplate } from '../template/url-template';
import { createRecordReader, type Candidate, type RecordReader } from './candidate';
import { ChangeDetector } from './change-detector';
import { isWanted } from './changes';
import { idColumnMissing, updatedColumnMissing } from './column-errors';
import { drainJournal } from './drain';
import { Pass } from './pass';
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
  serverZone: Zone;
  instanceName: string;
  tags: readonly string[];
  source: Source;
  store: PollStore;
  clock: Clock;
  /** On `clock.monotonic`: when the node started, for a start from now. */
  startedAt: number;
  /** Hands a message to the flow. */
  emit: (message: EventMessage) => void;
  /** Told of what does not stop polling but needs the user's eye. */
  warn: (problem: SageCrmError) => void;
}

/** What one poll of one resource did. */
export interface PollOutcome {
  /** Messages emitted. */
  created: number;
  updated: number;
  pages: number;
  /** Epoch milliseconds; null before the first record of a start from all. */
  cursor: number | null;
  /** Deletions emitted, for resources that look for them. */
  deleted?: number;
  /** What went wrong after the changes were taken over. */
  problem?: SageCrmError;
}

/** A poll under way. */
interface PollRun extends PollOutcome {
  deleted: number;
  /** Records received. */
  records: number;
  /** Undefined until the server's time is known, on a start from now. */
  state: ResourceState | undefined;
  /** The server's time at the first page. */
  began: number | undefined;
  detector: ChangeDetector;
  /** Entries of the latest page, to be written together with the cursor. */
  waiting: JournalEntry[];
  onProgress: (records: number) => void;
  signal: AbortSignal;
}

const COUNTER = { CREATED: 'created', UPDATED: 'updated', DELETED: 'deleted' } as const;

/** Passes over one window before its remaining doubts are left to the next poll. */
const MOST_PASSES = 3;
/** Failed polls in a row after which events of incomplete passes are held back no longer. */
const PATIENCE = 3;

/**
 * Polls one resource: reads a window of records, finds the changes, writes them to the journal
 * together with the cursor, and only then emits them.
 *
 * Nothing is emitted before the window has been read to its end, so that messages come in the order
 * of their dates. The cursor, too, moves only then: whatever fails before, the next poll reads the
 * same window again, and what the journal holds already is not added twice.
 */
export class ResourcePoller {
  private readonly template: UrlTemplate;
  private readonly reader: RecordReader;
  private readonly lookBack: number;
  private failures = 0;
  private journalMayHold = true;
  private prunedUpTo: number | undefined;
  private warnedOfColumn = false;
  private readonly reconciler: Reconciler | undefined;

  constructor(private readonly options: ResourcePollerOptions) {
    const { resource, serverZone, overlapSeconds } = options;
    this.template = compileUrlTemplate(resource.url, serverZone);
    this.reader = createRecordReader(resource, serverZone);
    this.lookBack = lookBackMs(overlapSeconds, resource.pollDelay);
    if (resource.deletes === 'reconcile') {
      this.reconciler = new Reconciler({ ...options, id: createFieldReader(resource.idField) });
    }
  }

  get resource(): Resource {
    return this.options.resource;
  }

  /**
   * One poll, to the last message.
   *
   * @param onProgress told of the records received so far, after every page
   * @throws SageCrmError and leaves the cursor where it was
   */
  async poll(signal: AbortSignal, onProgress: (records: number) => void): Promise<PollOutcome> {
    const { store, resource } = this.options;
    const stored = await store.readState(resource.key);
    const run = this.newRun(stored, signal, onProgress);
    try {
      if (stored?.phase === 'emitting') await this.drain(run, stored);
      const state = await this.readWindow(run, stored);
      await this.drain(run, state);
      await this.prune(state);
      await this.reconcile(run, state);
    } catch (error) {
      await this.noteFailure(run);
      throw error;
    }
    this.failures = 0;
    const { created, updated, pages, cursor, problem } = run;
    const deleted = this.reconciler === undefined ? {} : { deleted: run.deleted };
    return { created, updated, pages, cursor, ...deleted, ...(problem && { problem }) };
  }

  /** Lets the next poll emit as many deletions as it finds. */
  confirmDeletes(): void {
    this.reconciler?.confirm();
  }

  /** Forgets what was seen and starts over from `since`, epoch milliseconds. */
  async replay(since: number): Promise<void> {
    const state = initialState({ from: 'date', at: since });
    await this.options.store.restart(this.options.resource.key, state);
    this.journalMayHold = true;
  }

  /** Reads passes until one can be trusted, and writes the outcome. */
  private async readWindow(
    run: PollRun,
    stored: ResourceState | undefined,
  ): Promise<ResourceState> {
    for (let count = 1; ; count += 1) {
      const { pass, state } = await this.readPass(run, count > 1);
      if (pass.isComplete()) {
        const next = advanced(state, pass.greatestDate, this.lookBack);
        return this.commit(run, next, stored);
      }
      if (count >= MOST_PASSES) return this.commit(run, { ...state, phase: 'emitting' }, stored);
      // The next pass must find in the journal what this one found on its last page.
      if (run.waiting.length > 0) await this.append(run, { ...state, phase: 'reading' });
    }
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
      this.checkColumns(page, candidates);
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
      from: windowStart(state, this.lookBack),
      floor: state.floor,
      pollBegan: run.began ?? 0,
    };
    const wanted = candidates.filter((candidate) => isWanted(candidate, resource, bounds));
    const entries = await run.detector.detect(wanted, this.journalMayHold);
    pass.noteNew(entries);
    run.waiting.push(...entries);
    run.pages += 1;
    run.records += candidates.length;
    run.onProgress(run.records);
  }

  /** Writes what is new; when nothing is, the disk is left alone. */
  private async commit(
    run: PollRun,
    next: ResourceState,
    stored: ResourceState | undefined,
  ): Promise<ResourceState> {
    const current = this.journalMayHold ? undefined : stored;
    if (run.waiting.length > 0 || !isSameState(next, current)) await this.append(run, next);
    run.state = next;
    run.cursor = next.cursor;
    return next;
  }

  private async append(run: PollRun, state: ResourceState): Promise<void> {
    this.journalMayHold ||= run.waiting.length > 0;
    const memory = run.detector.memoryOf(run.waiting);
    await this.options.store.append(this.options.resource.key, run.waiting, state, memory);
    run.waiting = [];
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
    this.journalMayHold = true;
    await this.drain(run, state);
  }

  private async drain(run: PollRun, state: ResourceState): Promise<void> {
    if (!this.journalMayHold) return;
    const { store, emit, resource } = this.options;
    const seenFrom = windowStart(state, this.lookBack);
    const options = { store, emit, resource: resource.key, seenFrom };
    await drainJournal(options, run.signal, (type) => {
      run[COUNTER[type]] += 1;
    });
    this.journalMayHold = false;
  }

  /** Forgets what no window can show again, once a whole look-back has passed since the last time. */
  private async prune(state: ResourceState): Promise<void> {
    const from = windowStart(state, this.lookBack);
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
      await this.drain(run, state);
    } catch {
      // The failure that brought us here is the one to report; the journal keeps the events.
    }
  }

  private checkColumns(page: Page, candidates: readonly Candidate[]): void {
    const [first] = page.rows;
    if (first === undefined) return;
    const { resource, warn } = this.options;
    if (candidates.every(({ id }) => id === '')) throw idColumnMissing(resource, first);
    if (this.warnedOfColumn || page.rows.some((row) => this.reader.hasUpdatedColumn(row))) return;
    this.warnedOfColumn = true;
    warn(updatedColumnMissing(resource, first));
  }

  private newRun(
    stored: ResourceState | undefined,
    signal: AbortSignal,
    onProgress: (records: number) => void,
  ): PollRun {
    const { start, store, resource, instanceName, tags, clock } = this.options;
    const pollDate = Math.floor(clock.now() / 1000) * 1000;
    const context = { resource, instanceName, tags, pollDate };
    return {
      created: 0,
      updated: 0,
      deleted: 0,
      pages: 0,
      records: 0,
      cursor: stored?.cursor ?? null,
      state: stored ?? (start.from === 'now' ? undefined : initialState(start)),
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
      run.state === undefined ? now - this.lookBack : (windowStart(run.state, this.lookBack) ?? 0);
    return {
      resource: resource.key,
      url: this.template.render({ from, now }),
      pageSize: resource.pageSize,
      updatedField: resource.updated.field,
    };
  }

  private startFromNow(serverTime: number): ResourceState {
    const { clock, startedAt } = this.options;
    return stateFromNow(serverTime, clock.monotonic() - startedAt);
  }
}

function isSameState(one: ResourceState, other: ResourceState | undefined): boolean {
  return (
    one.cursor === other?.cursor &&
    one.floor === other.floor &&
    one.seenFrom === other.seenFrom &&
    one.phase === other.phase
  );
}
