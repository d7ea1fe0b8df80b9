import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LevelPollStore } from '../../src/store/level-poll-store';
import { bundlePrograms, kill, startProgram, type Programs } from './child';
import { FolderGauge } from './folder-size';
import { tallyOf, type Tally } from './ledger';
import {
  fromPollerSchema,
  listeningSchema,
  type FromPoller,
  type Progress,
  type Report,
} from './messages';
import { BacklogRows, type RowOrder } from './rows';

const READ_AT_ONCE = 400;

export interface StageOptions {
  records: number;
  order: RowOrder;
  pageSize: number;
  commit: 'emitted' | 'acknowledged';
  /** Messages that the flow may hold unacknowledged. */
  maxInFlight: number;
  acknowledgeAfterMs: number;
  /** For whom memory counts: how long the poller rests before it is looked at. */
  restMs?: number;
  /** Options for Node.js in the poller's process. */
  execArgv?: readonly string[];
}

/** Where a run is ended from outside. */
export interface KillPoint {
  phase: 'reading' | 'emitting';
  /** Records received in this run, or messages emitted by it. */
  count: number;
}

/** A run that came to its end. */
export interface Finished {
  report: Report;
  /** Bytes of state on disk: the most at any time, and at the end. */
  diskPeak: number;
  diskEnd: number;
}

/** A server with a backlog, and a state that outlives the processes which work on it. */
export class Stage {
  private readonly state: string;
  private readonly ledger: string;
  private readonly places: Uint32Array;
  private latestBegan = 0;

  private constructor(
    private readonly options: StageOptions,
    private readonly folder: string,
    private readonly programs: Programs,
    private readonly server: ChildProcess,
    private readonly port: number,
  ) {
    this.state = path.join(folder, 'state');
    this.ledger = path.join(folder, 'ledger');
    this.places = new BacklogRows(options.records, options.order).places();
  }

  static async start(options: StageOptions): Promise<Stage> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-backlog-'));
    const programs = await bundlePrograms(folder);
    const { records, order } = options;
    const server = startProgram(programs.server, { records, order });
    server.stderr?.pipe(process.stderr);
    const message: unknown = (await once(server, 'message'))[0];
    const { port } = listeningSchema.parse(message);
    return new Stage(options, folder, programs, server, port);
  }

  /** Polls to the end. */
  async run(): Promise<Finished> {
    const disk = new FolderGauge(this.state);
    try {
      const last = await this.poll(() => false);
      if (last?.kind !== 'report') throw new Error('the poller ended without a report');
      const diskEnd = await disk.sample();
      return { report: last, diskPeak: disk.peak, diskEnd };
    } finally {
      disk.stop();
    }
  }

  /**
   * Polls, and ends the process with SIGKILL as soon as it has come this far.
   *
   * @returns the last that was heard of it
   */
  async runUntil({ phase, count }: KillPoint): Promise<Progress> {
    const last = await this.poll(
      (message) => message.kind === 'progress' && message.phase === phase && message.count >= count,
    );
    if (last?.kind !== 'progress') throw new Error(`the poller ended before ${phase} ${count}`);
    return last;
  }

  /** What reached the flow over all runs. */
  tally(): Tally {
    return tallyOf(this.ledger, this.places, this.latestBegan);
  }

  /** How many events the state holds; only between two runs. */
  async journaled(): Promise<number> {
    const store = await LevelPollStore.open(this.state);
    let count = 0;
    try {
      for (let after: string | undefined = ''; after !== undefined;) {
        // As the poller does: to put the whole of a million in order at once takes many minutes.
        const entries = await store.readJournal('accounts', READ_AT_ONCE, after);
        count += entries.length;
        after = entries.at(-1)?.key;
      }
      return count;
    } finally {
      await store.close();
    }
  }

  async close(): Promise<void> {
    await kill(this.server);
    await rm(this.folder, { recursive: true });
  }

  /**
   * Starts the poller, and kills it when `isEnd` is true of what it tells.
   *
   * @returns the last that it told
   */
  private async poll(isEnd: (message: FromPoller) => boolean): Promise<FromPoller | undefined> {
    const {
      commit,
      maxInFlight,
      acknowledgeAfterMs,
      pageSize,
      restMs = 0,
      execArgv,
    } = this.options;
    this.latestBegan = statSync(this.ledger, { throwIfNoEntry: false })?.size ?? 0;
    const poller = startProgram(
      this.programs.poller,
      {
        ...{ port: this.port, folder: this.state, ledger: this.ledger },
        ...{ commit, maxInFlight, acknowledgeAfterMs, restMs, pageSize },
      },
      execArgv,
    );
    const seen: { last?: FromPoller; wasKilled: boolean } = { wasKilled: false };
    const complaints: string[] = [];
    poller.stderr?.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
    poller.on('message', (raw) => {
      seen.last = fromPollerSchema.parse(raw);
      if (seen.wasKilled || !isEnd(seen.last)) return;
      seen.wasKilled = true;
      poller.kill('SIGKILL');
    });
    await once(poller, 'close');
    if (!seen.wasKilled && poller.exitCode !== 0) throw new Error(complaints.join(''));
    return seen.last;
  }
}
