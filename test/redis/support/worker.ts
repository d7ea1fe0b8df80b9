import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parsedJson } from '../../../src/json/parsed-json';
import { BUNDLE_ENV } from './bundle';
import { TELLING, workerToldSchema, type WorkerOptions, type WorkerTold } from './messages';

/** One process of those that share the state. */
export class Worker {
  private readonly child: ChildProcess;
  private readonly gone: Promise<unknown>;

  constructor(
    program: string,
    readonly options: WorkerOptions,
    onTold: (told: WorkerTold, worker: Worker) => void,
  ) {
    this.child = spawn(process.execPath, [program, JSON.stringify(options)], {
      env: BUNDLE_ENV,
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    });
    this.gone = once(this.child, 'close');
    createInterface({ input: this.child.stdio[TELLING] as Readable }).on('line', (line) => {
      // The last line of a process that was killed may be cut off.
      const told = workerToldSchema.safeParse(parsedJson(line));
      if (told.success) onTold(told.data, this);
    });
  }

  get name(): string {
    return this.options.owner;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.gone;
  }

  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.gone;
  }
}
