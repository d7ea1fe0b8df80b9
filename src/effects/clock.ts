/** Time as the library sees it; tests move it by hand. All figures are milliseconds. */
export interface Clock {
  /** Wall-clock time since the Unix epoch. May step when the machine's clock is set. */
  now(): number;
  /** Never steps back; only differences mean anything. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Calls `onTime` after `ms`: for time limits that are nearly always called off, which costs a
   * fraction of what a promise and an abort signal do.
   *
   * @returns calls it off
   */
  after(ms: number, onTime: () => void): () => void;
}

/** The longest delay a Node.js timer takes; longer ones are cut into pieces. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep,
    after,
  };
}

function after(ms: number, onTime: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    if (left <= LONGEST_TIMER_MS) timer = setTimeout(onTime, left);
    else timer = setTimeout(wait, LONGEST_TIMER_MS, left - LONGEST_TIMER_MS);
  };
  wait(ms);
  return () => {
    clearTimeout(timer);
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = (): void => {
      callOff();
      reject(abortReason(signal));
    };
    const callOff = after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The reason a signal was aborted with, always as an Error. */
export function abortReason(signal?: AbortSignal): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('aborted');
}
