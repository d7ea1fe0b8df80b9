import { abortReason } from '../effects/clock';

/** Runs tasks of one key one after the other, in the order they were added; keys do not wait for each other. */
export class Lanes {
  private readonly tails = new Map<string, Promise<void>>();

  /** How many keys have a task under way or waiting. */
  get size(): number {
    return this.tails.size;
  }

  /** Runs `task` when all earlier tasks of `key` have ended, well or badly. */
  run<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.tails.get(key);
    const running = before === undefined ? task() : before.then(task);
    const tail = running.then(ignore, ignore).then(() => {
      if (this.tails.get(key) === tail) this.tails.delete(key);
    });
    this.tails.set(key, tail);
    return running;
  }
}

function ignore(): void {
  // Each task's outcome belongs to its caller; the next one starts either way.
}

/** Lets at most `limit` tasks run at once; the others wait in the order they came. */
export class Slots {
  private free: number;
  private readonly waiting = new Set<() => void>();

  constructor(limit: number) {
    this.free = limit;
  }

  /** @throws the signal's reason when it is aborted before a slot is free */
  async run<Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    await this.acquire(signal);
    try {
      return await task();
    } finally {
      this.release();
    }
  }

  private acquire(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(abortReason(signal));
        return;
      }
      if (this.free > 0) {
        this.free -= 1;
        resolve();
        return;
      }
      const onAbort = (): void => {
        this.waiting.delete(take);
        reject(abortReason(signal));
      };
      const take = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.waiting.add(take);
    });
  }

  private release(): void {
    const [next] = this.waiting;
    if (next === undefined) {
      this.free += 1;
      return;
    }
    this.waiting.delete(next);
    next();
  }
}
