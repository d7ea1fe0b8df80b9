import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { z } from 'zod';
import { kill, startProgram } from '../backlog/child';
import type { Bench, Setting } from './part';

const PROGRAMS = path.join(__dirname, 'programs');

const listeningSchema = z.object({ url: z.string() });

/** Bundled programs and a folder for what they store. */
export class ProgramBench implements Bench {
  private constructor(
    readonly rounds: number,
    private readonly folder: string,
  ) {}

  static async open(rounds: number): Promise<ProgramBench> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-bench-'));
    await bundlePrograms(folder);
    return new ProgramBench(rounds, folder);
  }

  async measure<Shape extends z.ZodType>(
    program: string,
    shape: Shape,
    { server = 'receiver', size }: Setting = {},
  ): Promise<z.output<Shape>> {
    const other = this.start(server, {});
    try {
      const { url } = listeningSchema.parse(await told(other));
      const folder = path.join(this.folder, 'state', program);
      await mkdir(folder, { recursive: true });
      return shape.parse(
        await told(this.start(program, { url, folder, rounds: this.rounds, size })),
      );
    } finally {
      await kill(other);
    }
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }

  private start(program: string, options: object): ChildProcess {
    const child = startProgram(path.join(this.folder, `${program}.js`), options);
    child.stderr?.pipe(process.stderr);
    return child;
  }
}

/** Plain Node.js runs what it makes, so that no tool's work counts as ours. */
async function bundlePrograms(folder: string): Promise<void> {
  const files = await readdir(PROGRAMS);
  await build({
    entryPoints: files
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(PROGRAMS, name)),
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // It loads a binary that lies beside its source.
    external: ['classic-level'],
    logLevel: 'warning',
  });
}

/** The first thing that a process tells. A process that ends without it has failed. */
async function told(child: ChildProcess): Promise<unknown> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as unknown),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(
          `${path.basename(child.spawnfile)} ended with ${String(code)}, and no figures`,
        );
      }),
    ]);
  } finally {
    waiting.abort();
  }
}
