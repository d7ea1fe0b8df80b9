import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../../scripts/process';

/** The two programs, bundled: plain Node.js runs them, so that no tool's memory counts as ours. */
export interface Programs {
  server: string;
  poller: string;
}

export async function bundlePrograms(folder: string): Promise<Programs> {
  await build({
    entryPoints: ['server', 'poller'].map((name) => path.join(__dirname, `${name}.ts`)),
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // It loads a binary that lies beside its source.
    external: ['classic-level'],
    logLevel: 'warning',
  });
  return { server: path.join(folder, 'server.js'), poller: path.join(folder, 'poller.js') };
}

/** Starts a program with its options as JSON; what a tool adds to Node.js is left out. */
export function startProgram(
  program: string,
  options: object,
  execArgv: readonly string[] = [],
): ChildProcess {
  return fork(program, [JSON.stringify(options)], {
    execArgv: [...execArgv],
    env: { PATH: process.env.PATH, NODE_PATH: path.join(ROOT, 'node_modules') },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
}

/** Ends a process at once, and waits until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
