import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Runtime } from '../../../scripts/runtimes';
import { ROOT } from '../../../scripts/process';
import { NodeRedProcess, type FlowNode } from './node-red-process';
import { newUserDirOfItsOwn } from './package';

const LIBRARIES = ['ioredis', 'bullmq'];

/** A Node-RED with a disk of its own, which runs the same flow as others. */
export class Instance {
  private constructor(
    private readonly runtime: Runtime,
    private readonly userDir: string,
    private readonly env: Record<string, string>,
    private current: NodeRedProcess,
  ) {}

  static async start(
    runtime: Runtime,
    env: Record<string, string>,
    flow: readonly FlowNode[],
  ): Promise<Instance> {
    const userDir = await newUserDirOfItsOwn();
    await linkLibraries(userDir);
    const nodeRed = await NodeRedProcess.start({ runtime, userDir, env });
    await nodeRed.deploy(flow);
    return new Instance(runtime, userDir, env, nodeRed);
  }

  get nodeRed(): NodeRedProcess {
    return this.current;
  }

  /** Starts it again with the flow that it has stored. */
  async restart(): Promise<void> {
    const { runtime, userDir, env } = this;
    this.current = await NodeRedProcess.start({ runtime, userDir, env });
  }

  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  /** How many polls it has finished. */
  get polls(): number {
    return this.current.log.filter((line) => /finished \w+ \d/.test(line)).length;
  }

  private signal(name: NodeJS.Signals): void {
    const { pid } = this.current;
    if (pid !== undefined) process.kill(pid, name);
  }
}

/** As `npm install` in the user directory, without a download. */
async function linkLibraries(userDir: string): Promise<void> {
  const modules = path.join(userDir, 'node_modules');
  await mkdir(modules, { recursive: true });
  for (const name of LIBRARIES) {
    await symlink(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  }
}
