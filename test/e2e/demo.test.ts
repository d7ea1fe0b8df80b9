import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ROOT, runOrThrow } from '../../scripts/process';
import { describeOn } from './support/runtimes';

const WEBHOOK = /^(CREATED|UPDATED) (accounts|contacts|leads|opportunities|users) \d+ {2}20/m;

describeOn('nodeRed4', 'the demo', () => {
  it('shows webhooks as they arrive and ends with Ctrl-C, leaving nothing behind', async () => {
    const demo = new Demo([]);
    await demo.untilPrinted(WEBHOOK);
    // A terminal sends it to every process of its group, and npm passes it on once more.
    demo.child.kill('SIGINT');
    demo.child.kill('SIGINT');
    assert.equal(await demo.ended, 0, demo.output);
    await demo.assertNothingLeft();
  });
});

describeOn('nodeRed5', 'the demo', () => {
  it('runs on Node-RED 5 and ends by itself after the given time', async () => {
    const demo = new Demo(['--node-red', '5', '--seconds', '0.5']);
    assert.equal(await demo.ended, 0, demo.output);
    assert.match(demo.output, WEBHOOK);
    await demo.assertNothingLeft();
  });
});

class Demo {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = '';
  private readonly checks = new Set<() => void>();

  constructor(args: readonly string[]) {
    const script = path.join(ROOT, 'scripts', 'demo.ts');
    this.child = spawn(process.execPath, ['--import', 'tsx', script, '--port', '0', ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.output += chunk;
        for (const check of [...this.checks]) check();
      });
    }
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  async untilPrinted(pattern: RegExp): Promise<void> {
    const printed = new Promise<void>((resolve) => {
      this.checks.add(() => {
        if (pattern.test(this.output)) resolve();
      });
    });
    await Promise.race([
      printed,
      this.ended.then(() => {
        throw new Error(`the demo ended early:\n${this.output}`);
      }),
    ]);
  }

  async assertNothingLeft(): Promise<void> {
    const userDir = /user directory\s+(\S+)/.exec(this.output)?.[1] ?? '';
    assert.notEqual(userDir, '');
    assert.ok(!existsSync(userDir), `${userDir} is still there`);
    const processes = await runOrThrow('ps', ['-eo', 'args']);
    assert.ok(!processes.includes(userDir), 'a process is still running');
  }
}
