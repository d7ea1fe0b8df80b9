import type { Resource } from '../config/resources';
import type { Clock } from '../effects/clock';
import { readAhead } from '../effects/read-ahead';
import type { SageCrmError } from '../errors/sagecrm-error';
import type { Page, Query, Source } from '../sagecrm/source';
import type { Change, PollStore, ResourceState } from '../store/poll-store';
import { isLate, type Audit } from './audit';
import { isWanted } from './changes';
import { ColumnCheck } from './column-check';
import { Pass } from './pass';
import type { PollRun } from './poll-run';
import type { Reading } from './readings';
import { advanced, stateFromNow, windowStart } from './window';

export interface WindowReaderOptions {
  resource: Resource;
  reading: Reading;
  source: Source;
  store: PollStore;
  clock: Clock;
  /** Told of what does not stop polling but needs the user's eye. */
  warn: (problem: SageCrmError) => void;
}

/** How far the windows of a resource reach back. */
export interface LookBack {
  audit: Audit;
  /** How far before the cursor an ordinary poll reads, in milliseconds. */
  lookBack: number;
  /** Milliseconds since a start from now. */
  sinceStart: () => number;
}

/** Passes over one window before its remaining doubts are left to the next poll. */
const MOST_PASSES = 3;
/** Records hashed and journaled in one go. */
const SLICE = 100;

/**
 * Reads the window of one poll: asks for its pages, finds the changes and writes them to the journal,
 * with the new cursor in the write of the last page.
 */
export class WindowReader {
  private readonly columns: ColumnCheck;

  constructor(
    private readonly options: WindowReaderOptions,
    private readonly back: LookBack,
  ) {
    const { resource, reading, warn } = options;
    this.columns = new ColumnCheck(resource, reading.reader, warn);
  }

  /** Reads passes until one can be trusted, and writes the outcome. */
  async read(run: PollRun): Promise<ResourceState> {
    try {
      return await this.readPasses(run);
    } finally {
      // Whatever has failed, nobody may find the store at work after the poll.
      await run.writing.catch(() => undefined);
    }
  }

  private async readPasses(run: PollRun): Promise<ResourceState> {
    for (let count = 1; ; count += 1) {
      const { pass, state } = await this.readPass(run, count > 1);
      if (pass.isComplete()) return this.commit(run, this.after(run, pass, state));
      if (count >= MOST_PASSES) return this.commit(run, { ...state, phase: 'emitting' });
      // The next pass must find as seen what this one found on its last page.
      if (run.waiting.length > 0) await this.beginAppend(run, { ...state, phase: 'reading' });
    }
  }

  private after(run: PollRun, pass: Pass, state: ResourceState): ResourceState {
    const { audit, lookBack } = this.back;
    const { clock } = this.options;
    const next = advanced(state, pass.greatestDate, audit.retention(lookBack));
    const wasAudit = run.lookBack > lookBack || state.auditedAt === null;
    return wasAudit ? { ...next, auditedAt: clock.now() } : next;
  }

  private async readPass(
    run: PollRun,
    isRepeat: boolean,
  ): Promise<{ pass: Pass; state: ResourceState }> {
    const { source, clock } = this.options;
    let pass: Pass | undefined;
    const query = this.query(run);
    const pages = readAhead((signal) => source.pages(query, signal), run.signal);
    for await (const page of pages) {
      const now = page.serverTime ?? clock.now();
      const began = (run.began ??= now);
      const state = (run.state ??= this.startFromNow(now));
      pass ??= new Pass({ began, isRepeat, cursor: state.cursor });
      this.columns.check(page);
      pass.notePage(page);
      await this.journalPage(run, state, pass, page);
      // The last page waits for the cursor, so that both go to disk in one write.
      if (page.more && run.waiting.length > 0) {
        await this.beginAppend(run, { ...state, phase: 'reading' });
      }
    }
    const state = (run.state ??= this.startFromNow(clock.now()));
    pass ??= new Pass({ began: clock.now(), isRepeat, cursor: state.cursor });
    return { pass, state };
  }

  /** Large pages go through in slices, so that the event loop keeps turning. */
  private async journalPage(
    run: PollRun,
    state: ResourceState,
    pass: Pass,
    page: Page,
  ): Promise<void> {
    run.pages += 1;
    for (let begin = 0; begin < page.rows.length; begin += SLICE) {
      if (run.waiting.length > 0) {
        await this.beginAppend(run, { ...state, phase: 'reading' });
      }
      const rows = page.rows.slice(begin, begin + SLICE);
      await this.detect(run, state, pass, rows, page.serverTime ?? this.options.clock.now());
    }
    run.onProgress(run.records);
  }

  private async detect(
    run: PollRun,
    state: ResourceState,
    pass: Pass,
    rows: Page['rows'],
    now: number,
  ): Promise<void> {
    const { resource, reading } = this.options;
    // A comparison with the version before needs that one on disk.
    if (resource.changes) await run.writing;
    const bounds = {
      from: windowStart(state, run.lookBack),
      floor: state.floor,
      pollBegan: run.began ?? 0,
    };
    const candidates = rows.map((record) => reading.reader.read(record));
    pass.noteCandidates(candidates, now);
    const wanted = candidates.filter((candidate) => isWanted(candidate, resource, bounds));
    const changes = await run.detector.detect(wanted);
    pass.noteNew(changes);
    run.waiting.push(...changes);
    this.countLate(run, state, changes);
    run.records += candidates.length;
  }

  /** Only an audit shows them: an ordinary poll begins where being late begins. */
  private countLate(run: PollRun, state: ResourceState, changes: readonly Change[]): void {
    if (run.lookBack === this.back.lookBack) return;
    const ordinaryFrom = windowStart(state, this.back.lookBack);
    run.late += changes.filter((change) => isLate(change, ordinaryFrom)).length;
  }

  /** Writes what is new; when nothing is, the disk is left alone. */
  private async commit(run: PollRun, next: ResourceState): Promise<ResourceState> {
    if (run.waiting.length > 0 || !isSameState(next, run.written)) await this.append(run, next);
    run.state = next;
    run.cursor = next.cursor;
    return next;
  }

  /** Journals what waits and sets the state; once that is done, both are on disk. */
  async append(run: PollRun, state: ResourceState): Promise<void> {
    await this.beginAppend(run, state, true);
    await run.writing;
  }

  /**
   * Begins to journal what waits. It need not wait for the disk as long as the cursor stands still:
   * after a power cut the window is read again.
   */
  private async beginAppend(run: PollRun, state: ResourceState, sync = false): Promise<void> {
    await run.writing;
    const { store, resource } = this.options;
    run.hasUnsent ||= run.waiting.length > 0;
    const memory = run.detector.memoryOf(run.waiting);
    run.writing = store.append(resource.key, run.waiting, state, {
      sync,
      ...(memory && { memory }),
    });
    // Whoever waits for it is told.
    run.writing.catch(() => undefined);
    run.waiting = [];
    run.written = state;
  }

  /** The one question of a poll; while the server's time is unknown, this machine's has to do. */
  query(run: PollRun): Query {
    const { resource, reading, clock } = this.options;
    const now = run.began ?? clock.now();
    const from =
      run.state === undefined
        ? now - this.back.sinceStart() - this.back.lookBack
        : (windowStart(run.state, run.lookBack) ?? 0);
    return {
      resource: resource.key,
      url: reading.template.render({ from, now }),
      pageSize: resource.pageSize,
      updatedField: resource.updated.field,
    };
  }

  private startFromNow(serverTime: number): ResourceState {
    return stateFromNow(serverTime, this.back.sinceStart());
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
