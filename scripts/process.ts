import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The root of the package's repository. */
export const ROOT = path.resolve(__dirname, '..');

export interface CommandOptions {
  /** Default: the repository's root. */
  cwd?: string;
  /** Added to this process's environment. */
  env?: Record<string, string>;
  /** After this long the command is killed; absent: never. */
  timeoutMs?: number;
}

export interface CommandResult {
  /** The exit code, or 1 when a signal ended the process. */
  code: number;
  /** Standard output and error, in the order they came. */
  output: string;
}

/** Runs a command and keeps what it prints. Rejects if it cannot start. */
export function runCaptured(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? ROOT,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    const chunks: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    }
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code: code ?? 1, output: chunks.join('') });
    });
  });
}

/** Like `runCaptured`, for steps that must succeed: throws with the output otherwise. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, output } = await runCaptured(command, args, options);
  if (code !== 0) {
    throw new Error(`${[command, ...args].join(' ')} ended with code ${code}\n${output}`);
  }
  return output;
}

/** The script behind a development dependency's command, to be run with a Node.js of choice. */
export function scriptOf(packageName: string, command = packageName): string {
  const folder = path.join(ROOT, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  const script = typeof bin === 'string' ? bin : bin[command];
  if (script === undefined) throw new Error(`${packageName} has no command ${command}`);
  return path.join(folder, script);
}
