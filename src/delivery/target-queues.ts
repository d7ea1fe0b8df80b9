import { worstState, type BreakerState } from './breaker';
import type { TargetQueue } from './target-queue';

/** How many targets are served at once; the events of others wait until one of these is done. */
const MOST_TARGETS = 1_000;

/** The queues of the targets that are served at the moment, and whose turn it is. */
export class TargetQueues {
  private readonly queues = new Map<string, TargetQueue>();
  /** Queues that may have something to send; the first is asked first. */
  private readonly runnable = new Set<TargetQueue>();

  get hasRoom(): boolean {
    return this.queues.size < MOST_TARGETS;
  }

  /** How many jobs they have in memory. */
  get jobs(): number {
    let sum = 0;
    for (const { size } of this.queues.values()) sum += size;
    return sum;
  }

  /** The state of the breaker that is worst off. */
  get breaker(): BreakerState {
    return worstState(Array.from(this.queues.values(), ({ breaker }) => breaker));
  }

  get(target: string): TargetQueue | undefined {
    return this.queues.get(target);
  }

  /** @param create called unless the target is served; there is none when no other can be forgotten */
  getOr(target: string, create: () => TargetQueue): TargetQueue | undefined {
    const known = this.queues.get(target);
    if (known !== undefined) return known;
    if (!this.hasRoom) {
      const idle = [...this.queues.values()].find((queue) => isIdle(queue));
      if (idle === undefined) return undefined;
      this.discard(idle);
    }
    const queue = create();
    this.queues.set(target, queue);
    return queue;
  }

  /** The queue may have something to send, and is asked after all others. One that was forgotten is not. */
  line(queue: TargetQueue): void {
    if (this.queues.get(queue.target) === queue) this.runnable.add(queue);
  }

  /** Takes the first out of the line. */
  takeFirst(): TargetQueue | undefined {
    const [queue] = this.runnable;
    if (queue !== undefined) this.runnable.delete(queue);
    return queue;
  }

  /** Forgets a queue; its events are in the store. */
  discard(queue: TargetQueue): void {
    queue.close();
    this.queues.delete(queue.target);
    this.runnable.delete(queue);
  }

  close(): void {
    for (const queue of this.queues.values()) queue.close();
  }
}

function isIdle(queue: TargetQueue): boolean {
  return queue.isEmpty && queue.underWay === 0;
}
