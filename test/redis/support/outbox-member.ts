import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { BUNDLE_ENV } from './bundle';

export type ToProcess = { kind: 'take'; id: string; record: string } | { kind: 'close' };

export type FromProcess =
  | { kind: 'ready' }
  | { kind: 'taken'; id: string }
  | { kind: 'refused'; id: string; code: string }
  /** A webhook was answered, and the outbox is told so next. */
  | { kind: 'answered' }
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

  /** @param program the bundle of `outbox-process` */
  static async start(program: string, options: MemberOptions): Promise<Member> {
    const child = fork(program, [JSON.stringify(options)], { env: BUNDLE_ENV, execArgv: [] });
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

  /** Resolves once it knows the answer to a webhook that is under way. */
  async answered(): Promise<void> {
    await once(this.told, 'answered');
  }

  /** Ends it when it has dealt with all that is under way. */
  async close(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.send({ kind: 'close' } satisfies ToProcess);
    await gone;
  }

  async kill(): Promise<void> {
    if (this.isGone) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
