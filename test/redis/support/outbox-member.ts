import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';

export type ToProcess = { kind: 'take'; id: string; record: string } | { kind: 'close' };

export type FromProcess =
  | { kind: 'ready' }
  | { kind: 'taken'; id: string }
  | { kind: 'refused'; id: string; code: string }
  | { kind: 'outcome'; id: string; status: string }
  | { kind: 'fault'; text: string };

export interface MemberOptions {
  redisUrl: string;
  /** The receiver. */
  url: string;
  prefix: string;
  lockMs: number;
  /** How many events share a webhook. */
  batchSize: number;
  flushMs: number;
}

/** One of several processes that share an outbox, as its test sees it. */
export class Member {
  readonly outcomes: { id: string; status: string }[] = [];
  readonly errors: string[] = [];
  private readonly told = new EventEmitter().setMaxListeners(0);

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message: FromProcess) => {
      if (message.kind === 'outcome') this.outcomes.push(message);
      if (message.kind === 'fault') this.errors.push(message.text);
      this.told.emit(message.kind, message);
    });
    child.on('exit', () => this.told.emit('exit'));
  }

  static async start(options: MemberOptions): Promise<Member> {
    const file = path.join(__dirname, 'outbox-process.ts');
    const child = fork(file, [JSON.stringify(options)], {
      execArgv: ['--require', 'tsx/cjs'],
    });
    const member = new Member(child);
    await once(member.told, 'ready');
    return member;
  }

  /** @returns false when it was not taken, or nobody knows */
  take(id: string, record: string): Promise<boolean> {
    return new Promise((resolve) => {
      const { told, child } = this;
      const end = (isTaken: boolean): void => {
        told.off('taken', onTaken).off('refused', onRefused).off('exit', onExit);
        resolve(isTaken);
      };
      const onTaken = (message: { id: string }): void => {
        if (message.id === id) end(true);
      };
      const onRefused = (message: { id: string }): void => {
        if (message.id === id) end(false);
      };
      const onExit = (): void => {
        end(false);
      };
      told.on('taken', onTaken).on('refused', onRefused).on('exit', onExit);
      if (this.isGone) end(false);
      // A process that was killed just now has no channel any more, though it is not gone yet.
      else {
        child.send({ kind: 'take', id, record } satisfies ToProcess, (error) => {
          if (error !== null) end(false);
        });
      }
    });
  }

  get isGone(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    if (this.isGone) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
