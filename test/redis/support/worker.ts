import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';
import { ROOT } from '../../../scripts/process';
import { parsedJson } from '../../../src/json/parsed-json';
import { TELLING, workerToldSchema, type WorkerOptions, type WorkerTold } from './messages';

/** Bundles the program, so that plain Node.js starts it at once. */
export async function bundleWorker(folder: string): Promise<string> {
  const outfile = path.join(folder, 'worker.js');
  await build({
    entryPoints: [path.join(__dirname, 'program.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['classic-level', 'ioredis'],
    logLevel: 'warning',
  });
  return outfile;
}

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
      env: { NODE_PATH: path.join(ROOT, 'node_modules') },
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
