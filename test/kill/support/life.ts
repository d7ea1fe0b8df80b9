import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { ROOT } from '../../../scripts/process';
import { parsedJson } from '../../../src/json/parsed-json';
import { TELLING, toldSchema, type LifeOptions, type Told } from './messages';

/** A life that has not ended by then never will, however slow the machine is. */
const LONGEST_LIFE_MS = 120_000;

/** Bundles the program, so that plain Node.js starts it at once. */
export async function bundleProgram(folder: string): Promise<string> {
  const outfile = path.join(folder, 'program.js');
  await build({
    entryPoints: [path.join(__dirname, 'program.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    // It loads a binary that lies beside its source.
    external: ['classic-level'],
    logLevel: 'warning',
  });
  return outfile;
}

/** One process, from its start to its end. */
export class Life {
  /** Resolves when it has ended and all that it told was heard; rejects when it crashed by itself. */
  readonly ended: Promise<'killed' | 'stopped'>;
  private readonly child: ChildProcess;
  private latest: Told | undefined;

  constructor(program: string, options: LifeOptions, onTold: (told: Told) => void) {
    this.child = spawn(process.execPath, [program, JSON.stringify(options)], {
      env: { NODE_PATH: path.join(ROOT, 'node_modules') },
      stdio: ['ignore', 'inherit', 'pipe', 'pipe'],
    });
    const telling = this.child.stdio[TELLING] as Readable;
    createInterface({ input: telling }).on('line', (line) => {
      // The last line of a process that was killed may be cut off.
      const told = toldSchema.safeParse(parsedJson(line));
      if (!told.success) return;
      this.latest = told.data;
      onTold(told.data);
    });
    this.ended = this.end();
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  stop(): void {
    this.child.kill('SIGTERM');
  }

  private async end(): Promise<'killed' | 'stopped'> {
    const { child } = this;
    const complaints = child.stderr === null ? '' : text(child.stderr);
    const overdue = new AbortController();
    const timer = setTimeout(() => {
      overdue.abort();
      this.kill();
    }, LONGEST_LIFE_MS);
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    clearTimeout(timer);
    if (overdue.signal.aborted) throw overdueError(this.latest);
    if (signal === 'SIGKILL') return 'killed';
    if (code === 0) return 'stopped';
    throw new Error(`a process crashed by itself: ${await complaints}`);
  }
}

function overdueError(latest: Told | undefined): Error {
  return new Error(`a process did not come to its end; at last it told ${JSON.stringify(latest)}`);
}
