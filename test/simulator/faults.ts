import type { RecordedRequest } from './recorded-request';

/** What can go wrong with an answer. */
export type Fault =
  /** Another status; the body defaults to an error in the API's own shape. */
  | {
      kind: 'status';
      status: number;
      headers?: Record<string, string>;
      body?: string | object;
      contentType?: string;
    }
  /** The connection is reset without an answer. */
  | { kind: 'reset' }
  /** No answer until the plan is cleared (then the true one) or the server closed. */
  | { kind: 'hang' }
  /**
   * The true answer, cut after `keepBytes` (default: half of it). Its Content-Length promises the
   * whole and the connection ends too early; with `complete` it promises what is really sent.
   */
  | { kind: 'cutJson'; complete?: boolean; keepBytes?: number }
  /** A log-on page with status 200. */
  | { kind: 'html' }
  /** The true answer in pieces of `chunkBytes` (default 1024), each after a pause of real time. */
  | { kind: 'slow'; chunkDelayMs: number; chunkBytes?: number }
  /** A JSON array of `bytes` bytes, sent without Content-Length. */
  | { kind: 'hugeBody'; bytes: number }
  /** 401, as for a wrong password. */
  | { kind: 'refuse' };

interface Rule {
  predicate: (request: RecordedRequest) => boolean;
  fault: Fault;
  timesLeft: number;
}

/** Which requests go wrong, and how. Rules come before the queue. */
export class FaultPlan {
  private queue: Fault[] = [];
  private rules: Rule[] = [];
  private readonly waiting = new Set<() => void>();

  /** The next request, or the next few, get these faults, one each. */
  next(fault: Fault | readonly Fault[]): void {
    this.queue.push(...(isList(fault) ? fault : [fault]));
  }

  /** The next `times` requests for which `predicate` holds get this fault. */
  when(predicate: (request: RecordedRequest) => boolean, fault: Fault, times = 1): void {
    this.rules.push({ predicate, fault, timesLeft: times });
  }

  /** Forgets all faults to come and lets hanging requests have their answers. */
  clear(): void {
    this.queue = [];
    this.rules = [];
    for (const release of this.waiting) release();
    this.waiting.clear();
  }

  /** The fault for a request that has just arrived; it is used up. */
  take(request: RecordedRequest): Fault | undefined {
    const rule = this.rules.find(({ predicate }) => predicate(request));
    if (rule === undefined) return this.queue.shift();
    rule.timesLeft -= 1;
    this.rules = this.rules.filter(({ timesLeft }) => timesLeft > 0);
    return rule.fault;
  }

  /** Resolves when the plan is cleared. */
  untilCleared(): Promise<void> {
    return new Promise((resolve) => this.waiting.add(resolve));
  }
}

function isList(fault: Fault | readonly Fault[]): fault is readonly Fault[] {
  return Array.isArray(fault);
}
