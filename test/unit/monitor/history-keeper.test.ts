import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { History, MOST_EVENTS } from '../../../src/monitor/history';
import { HistoryKeeper } from '../../../src/monitor/history-keeper';
import { readHistoryQuery } from '../../../src/monitor/history-query';
import { LevelHistoryStore, type HistoryStore } from '../../../src/monitor/history-store';
import type { HistoryView } from '../../../src/monitor/overview';
import { ManualClock } from '../../support/manual-clock';
import { eventOf } from './support/events';

const FLUSH_MS = 2000;

/** A history with its keeper, as one run of Node-RED has it. */
class Run {
  readonly history: History;
  readonly keeper: HistoryKeeper;
  readonly warnings: unknown[] = [];
  /** Fails each opening while it is set. */
  openFault: Error | undefined;
  /** Fails each write while it is set. */
  writeFault: Error | undefined;
  writes = 0;

  constructor(
    private readonly folder: string,
    readonly clock: ManualClock,
  ) {
    this.history = new History(clock);
    this.keeper = new HistoryKeeper({
      ...{ history: this.history, clock },
      open: (anew) => this.open(anew),
      onWarning: (warning) => this.warnings.push(warning),
    });
  }

  emit(objectId: string, node = 'poll'): void {
    this.history.emitted(node, eventOf({ objectId }));
    this.keeper.changed();
  }

  view(limit = 100): HistoryView {
    return this.history.view(readHistoryQuery({ limit }));
  }

  ids(): string[] {
    return this.view(MOST_EVENTS).events.map(({ objectId }) => objectId);
  }

  /** Resolves when everything asked of the keeper so far is done. */
  async settled(): Promise<void> {
    await this.keeper.forget(() => false);
  }

  private async open(anew: boolean): Promise<HistoryStore> {
    if (this.openFault !== undefined) throw this.openFault;
    if (anew) await rename(this.folder, `${this.folder}.damaged-1`);
    const store = await LevelHistoryStore.open(this.folder);
    return {
      read: () => store.read(),
      write: (changes) => {
        this.writes += 1;
        return this.writeFault === undefined
          ? store.write(changes)
          : Promise.reject(this.writeFault);
      },
      close: () => store.close(),
    };
  }
}

describe('the keeper of the history', () => {
  let parent: string;
  let folder: string;
  let clock: ManualClock;

  beforeEach(async () => {
    parent = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-history-'));
    folder = path.join(parent, 'sidebar');
    clock = new ManualClock();
  });

  afterEach(async () => {
    await rm(parent, { recursive: true });
  });

  function start(): Run {
    const run = new Run(folder, clock);
    run.keeper.hold();
    return run;
  }

  async function stored(): Promise<[string, string][]> {
    const db = new ClassicLevel(folder);
    const entries = await db.iterator().all();
    await db.close();
    return entries;
  }

  async function damage(key: string, value: string): Promise<void> {
    const db = new ClassicLevel(folder);
    await db.put(key, value);
    await db.close();
  }

  it('brings back events, problems and counts after a restart', async () => {
    const first = start();
    first.emit('1');
    first.history.wentWrong('poll', '', new SageCrmError('TIMEOUT', 'slow', 'wait'));
    first.emit('2');
    const before = first.view();
    await first.keeper.release();

    const second = start();
    await second.keeper.restored();
    assert.deepEqual(second.view(), before);
    await second.keeper.release();
    assert.deepEqual([...first.warnings, ...second.warnings], []);
  });

  it('puts what is recorded before the disk is read behind what is on it', async () => {
    const first = start();
    first.emit('1');
    await first.keeper.release();

    const second = start();
    second.emit('2');
    await second.keeper.restored();
    assert.deepEqual(second.ids(), ['2', '1']);
    assert.equal(second.view().bars.at(-1)?.created, 2);
    await second.keeper.release();

    const third = start();
    await third.keeper.restored();
    assert.deepEqual(third.ids(), ['2', '1']);
    assert.equal(third.view().bars.at(-1)?.created, 2);
    await third.keeper.release();
  });

  it('writes at most every two seconds, however much is recorded', async () => {
    const run = start();
    run.emit('first');
    await run.settled();
    for (let id = 0; id < 100; id += 1) run.emit(String(id));
    await run.settled();
    assert.equal(run.writes, 1);
    await clock.advance(FLUSH_MS - 1);
    await run.settled();
    assert.equal(run.writes, 1);
    await clock.advance(1);
    await run.settled();
    assert.equal(run.writes, 2);
    await run.keeper.release();
    assert.equal(run.writes, 2);
  });

  it('leaves neither a timer nor an open database behind', async () => {
    const run = start();
    run.emit('1');
    await run.keeper.release();
    assert.deepEqual(clock.pending(), []);
    assert.ok((await stored()).length > 0);
  });

  it('holds no more on disk than in memory', async () => {
    const run = start();
    for (let round = 0; round < 3; round += 1) {
      for (let id = 0; id < 4000; id += 1) run.emit(`${round}-${id}`);
      await run.settled();
      await clock.advance(FLUSH_MS);
    }
    await run.keeper.release();
    const keys = (await stored()).map(([key]) => key);
    assert.equal(keys.filter((key) => key.startsWith('event!')).length, MOST_EVENTS);
    assert.equal(keys.filter((key) => key.startsWith('count!')).length, 1);
  });

  it('forgets a deleted node on disk, too, also when nobody holds it', async () => {
    const first = start();
    first.emit('1', 'gone');
    first.emit('2', 'stays');
    await first.keeper.release();

    const second = new Run(folder, clock);
    await second.keeper.forget((node) => node === 'gone');
    assert.deepEqual(second.ids(), ['2']);
    assert.equal(JSON.stringify(await stored()).includes('gone'), false);
  });

  for (const [what, spoil] of [
    ['an entry that cannot be understood', () => damage('event!0000000000000009', '{"at":')],
    ['an entry of another shape', () => damage('problem!0000000000000009', '{}')],
    ['counts of another shape', () => damage('count!0000000000000009!x', '{"hour":1}')],
    ['a newer version', () => damage('meta', metaOf({ schema: 99 }))],
    ['something else', () => damage('meta', metaOf({ kind: 'poll' }))],
    ['a file that is gone', () => rm(path.join(folder, 'CURRENT'))],
    ['a file of rubbish', spoilManifest],
  ] as const) {
    it(`puts a store with ${what} aside, says so once, and starts anew`, async () => {
      const first = start();
      first.emit('before');
      await first.keeper.release();
      await spoil();

      const second = start();
      second.emit('after');
      await second.keeper.release();
      assert.deepEqual(
        second.warnings.map((warning) => (warning as SageCrmError).code),
        ['STATE_CORRUPT'],
      );
      assert.ok(existsSync(`${folder}.damaged-1`));

      const third = start();
      await third.keeper.restored();
      assert.deepEqual(third.ids(), ['after']);
      assert.deepEqual(third.warnings, []);
      await third.keeper.release();
    });
  }

  function metaOf(change: object): string {
    return JSON.stringify({ owner: 'sagecrm-events', kind: 'history', schema: 1, ...change });
  }

  function spoilManifest(): Promise<void> {
    const manifest = readdirSync(folder).find((name) => name.startsWith('MANIFEST')) ?? '';
    writeFileSync(path.join(folder, manifest), 'rubbish');
    return Promise.resolve();
  }

  it('goes on in memory while the disk refuses, warns once, and writes all once it can', async () => {
    const run = start();
    run.emit('1');
    await run.settled();
    run.writeFault = new SageCrmError('STATE_IO', 'the disk is full', 'make room');
    for (const id of ['2', '3']) {
      await clock.advance(FLUSH_MS);
      run.emit(id);
      await run.settled();
    }
    assert.deepEqual(run.warnings, [run.writeFault]);
    run.history.forget(() => true);
    run.writeFault = undefined;
    run.emit('4');
    await run.keeper.release();

    const next = start();
    await next.keeper.restored();
    assert.deepEqual(next.ids(), ['4']);
    await next.keeper.release();
  });

  it('goes on in memory while another process has the store, and takes it once it is free', async () => {
    const first = start();
    first.emit('1');
    await first.keeper.release();

    const run = new Run(folder, clock);
    run.openFault = new SageCrmError('STATE_LOCKED', 'it is in use', 'stop the other one');
    run.keeper.hold();
    run.emit('2');
    await run.keeper.restored();
    assert.deepEqual(run.ids(), ['2']);
    assert.deepEqual(run.warnings, [run.openFault]);
    run.openFault = undefined;
    await clock.advance(FLUSH_MS);
    run.emit('3');
    await run.settled();
    assert.deepEqual(run.ids(), ['3', '2', '1']);
    await run.keeper.release();
  });
});
